"""This folder says in plain words what stands behind a code: of a machine, page, slip or day."""
