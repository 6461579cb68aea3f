"""Server-rendered pages: one shell, one set of components, Chinese with an English switch, no JavaScript needed."""

from shared.pages.rendering import add_template_folder, language_of, render

__all__ = ["add_template_folder", "language_of", "render"]
