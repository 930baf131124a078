"""UIS, CoMagic and CallGear: a template that the customer types in the cabinet."""
