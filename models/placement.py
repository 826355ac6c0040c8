"""Advertisements in the portals."""

from models.columns import row_id
from models.published import Published
from models.texts import Texts, texts


class Placement(Published, table=True):
    """A picture with a title, by language; a click leads to `redirect_url`, if there is one."""

    id: int = row_id()
    title: Texts = texts()
    image_url: Texts = texts()
    redirect_url: Texts = texts()
