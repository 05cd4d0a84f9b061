"""This folder is one visit at the desk: papers under the camera, its end, what is handed over."""
