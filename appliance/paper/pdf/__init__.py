"""This folder makes PDFs: pages bound, small pages in layers, leaflets and sheets of real text."""
