"""Text made safe for HTML, and buttons by which a clause is opened in its document (rag/web/browse_tab.py)."""

from __future__ import annotations

import unicodedata
from html import escape as _escape

# Of a gr.HTML that holds buttons made by `opener_html`: a click becomes its `select` event.
OPENING_JS = """
element.addEventListener("click", (event) => {
  const opener = event.target instanceof Element ? event.target.closest("button.pq-open") : null;
  if (opener) trigger("select", { document: opener.dataset.document, start: Number(opener.dataset.start) });
});
"""


def escape(text: str) -> str:
    """Text for HTML, without the characters that nobody sees but that turn a line around (U+202E)."""
    return _escape(plain(text))


def plain(text: str) -> str:
    """Text without control, format and zero-width characters."""
    return "".join(c for c in text if c in "\n\t" or not unicodedata.category(c).startswith("C"))


def opener_html(document_id: str, start: int, name: str) -> str:
    """A button that opens a document at the clause holding this character."""
    return (
        f'<button type="button" class="pq-open" data-document="{escape(document_id)}" data-start="{start}">'
        f"{escape(name)}</button>"
    )
