"""A page, parsed: what is on it, by its structure."""

from html.parser import HTMLParser

_VOID = {"br", "img", "link", "meta"}


class Page(HTMLParser):
    """The elements of a page in order, each with its attributes and the text inside it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        closed = self._open.pop()
        assert closed.tag == tag, f"<{closed.tag}> was closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    @property
    def text(self) -> str:
        """What the page or the part says, without its style sheet."""
        return " ".join((self.all("body") or self.elements)[0].text.split())

    def all(self, tag: str = "", *, css: str = "") -> list["Element"]:
        """Return the elements with this tag and class."""
        return [element for element in self.elements if tag in {"", element.tag} and (not css or css in element.attributes.get("class", "").split())]

    def first(self, tag: str = "", *, css: str = "") -> "Element":
        """Return the first of them, which has to exist."""
        return self.all(tag, css=css)[0]

    def section(self, question: str) -> "Page":
        """Return the part of the page about a question."""
        start = self.source.index(f"<code>{question}</code>", self.source.index('<section class="question'))
        start = self.source.rindex("<section", 0, start)
        return Page(self.source[start : self.source.index("</section>", start) + len("</section>")])


class Element:
    """One element with all text inside it; `inside` are the elements around it, outermost first."""

    def __init__(self, tag: str, attributes: dict[str, str], inside: list["Element"]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inside = inside
        self.text = ""

    def is_folded(self) -> bool:
        """Return whether it is inside a `details` that the reader has to open."""
        return any(outer.tag == "details" and "open" not in outer.attributes for outer in self.inside)
