"""Reads the microdata of a page, by the algorithm in the HTML standard (5.2.4, "Associating names with items")."""

from dataclasses import dataclass, field
from typing import Any

from lxml import html


@dataclass
class Item:
    """A thing that a page tells of: its type, and its properties, each with all its values in order."""

    type: str
    values: dict[str, list[Any]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """The one value of a property."""
        (value,) = self.values[name]
        return value


def items(page: str) -> list[Item]:
    """The items that are no property of another; AssertionError for a property that belongs to none."""
    root = html.fromstring(page)
    used: set[Any] = set()
    found = [_item(element, root, used) for element in root.xpath("//*[@itemscope and not(@itemprop)]")]
    assert set(root.xpath("//*[@itemprop]")) == used, "a property without an item"
    return found


def _item(element: Any, root: Any, used: set[Any]) -> Item:
    item = Item(element.get("itemtype", ""))
    roots = [element.getchildren(), *([root.get_element_by_id(id)] for id in element.get("itemref", "").split())]
    for child in (child for group in roots for child in group):
        _collect(child, item, root, used)
    return item


def _collect(element: Any, item: Item, root: Any, used: set[Any]) -> None:
    if not isinstance(element.tag, str):
        return
    scope = element.get("itemscope") is not None
    if name := element.get("itemprop"):
        used.add(element)
        value = _item(element, root, used) if scope else _value(element)
        item.values.setdefault(name, []).append(value)
    if not scope:
        for child in element:
            _collect(child, item, root, used)


def _value(element: Any) -> str:
    attribute = {"meta": "content", "a": "href", "link": "href", "img": "src", "time": "datetime"}.get(element.tag)
    return str(element.get(attribute) if attribute else " ".join(element.text_content().split()))
