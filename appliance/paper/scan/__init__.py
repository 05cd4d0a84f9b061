"""This folder makes a page of a photo: find the sheet, judge it, straighten, clean, read codes."""
