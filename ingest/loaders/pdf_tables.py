"""Ruled tables on a PDF page: lines that cross make a grid, missing ones merge cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ingest.loaders.base import GridCell
from ingest.loaders.pdf_pages import Char, Edge

_SNAP = 3.0
_MAX_EDGES = 4_000


@dataclass(slots=True)
class FoundTable:
    """A grid on a page with the place it takes."""

    x0: float
    x1: float
    y0: float
    y1: float
    grid: list[list[GridCell]]
    columns: tuple[float, ...] = ()
    taken: set[int] = field(default_factory=set)


def find_tables(
    edges: Sequence[Edge], chars: Sequence[Char], read: Callable[[Sequence[Char]], str]
) -> list[FoundTable]:
    """The tables among `edges`; `read` turns a cell's characters into text."""
    horizontal = _merge([e for e in edges if e.horizontal])
    vertical = _merge([e for e in edges if not e.horizontal])
    if len(horizontal) < 1 or len(vertical) < 1 or len(horizontal) * len(vertical) > _MAX_EDGES**2 // 4:
        return []
    found = []
    for hs, vs in _components(horizontal, vertical):
        table = _table(hs, vs, chars, read)
        if table is not None:
            found.append(table)
    return found


def _merge(edges: Sequence[Edge]) -> list[Edge]:
    """Edges on the same line as one; double strokes and broken lines are how they are drawn."""
    merged: list[Edge] = []
    last_at: float | None = None
    group: list[Edge] = []

    def close() -> None:
        at = sum(e.at for e in group) / len(group)
        start: float | None = None
        end = 0.0
        for edge in sorted(group, key=lambda e: e.start):
            if start is None:
                start, end = edge.start, edge.end
            elif edge.start <= end + _SNAP:
                end = max(end, edge.end)
            else:
                merged.append(Edge(edge.horizontal, at, start, end))
                start, end = edge.start, edge.end
        if start is not None:
            merged.append(Edge(group[0].horizontal, at, start, end))

    for edge in sorted(edges, key=lambda e: e.at)[:_MAX_EDGES]:
        if last_at is not None and edge.at - last_at > _SNAP and group:
            close()
            group = []
        group.append(edge)
        last_at = edge.at
    if group:
        close()
    return merged


def _components(horizontal: list[Edge], vertical: list[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    parent = list(range(len(horizontal) + len(vertical)))

    def find(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for i, h in enumerate(horizontal):
        for j, v in enumerate(vertical):
            if h.start - _SNAP <= v.at <= h.end + _SNAP and v.start - _SNAP <= h.at <= v.end + _SNAP:
                parent[find(i)] = find(len(horizontal) + j)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for i, h in enumerate(horizontal):
        groups.setdefault(find(i), ([], []))[0].append(h)
    for j, v in enumerate(vertical):
        groups.setdefault(find(len(horizontal) + j), ([], []))[1].append(v)
    return list(groups.values())


def _table(
    hs: list[Edge], vs: list[Edge], chars: Sequence[Char], read: Callable[[Sequence[Char]], str]
) -> FoundTable | None:
    xs = _positions([v.at for v in vs])
    ys = _positions([h.at for h in hs])
    if not xs or not ys:
        return None
    # Tables without side lines: the horizontal ones say where the outer columns end.
    left, right = min(h.start for h in hs), max(h.end for h in hs)
    if left < xs[0] - 15:
        xs.insert(0, left)
    if right > xs[-1] + 15:
        xs.append(right)
    # A table cut by the page's end stays open there.
    bottom, top = min(v.start for v in vs), max(v.end for v in vs)
    if bottom < ys[0] - 15:
        ys.insert(0, bottom)
    if top > ys[-1] + 15:
        ys.append(top)
    if len(xs) < 3 or len(ys) < 2 or len(xs) * len(ys) > 20_000:
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    inside: dict[tuple[int, int], list[int]] = {}
    for index, char in enumerate(chars):
        x, y = (char.x0 + char.x1) / 2, char.y + char.size * 0.35
        if xs[0] <= x < xs[-1] and ys[0] <= y < ys[-1]:
            # Rows count from the top, y from the bottom.
            inside.setdefault((rows - bisect_right(ys, y), bisect_right(xs, x) - 1), []).append(index)
    merged = _merged_cells(xs, ys, hs, vs)
    grid: list[list[GridCell]] = [[] for _ in range(rows)]
    filled = 0
    for (row, column), places in sorted(merged.items()):
        held = [index for place in places for index in inside.get(place, ())]
        text = read([chars[index] for index in held])
        filled += bool(text)
        grid[row].append(
            GridCell(
                text=text,
                rows=max(r for r, _ in places) - row + 1,
                columns=max(k for _, k in places) - column + 1,
            )
        )
    if filled < 2 or len(merged) < 2:
        return None
    taken = {index for held in inside.values() for index in held}
    return FoundTable(xs[0], xs[-1], ys[0], ys[-1], grid, tuple(xs[: columns + 1]), taken)


def _positions(values: list[float]) -> list[float]:
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SNAP:
            kept.append(value)
    return kept


def _merged_cells(
    xs: list[float], ys: list[float], hs: list[Edge], vs: list[Edge]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Grid places grouped into cells, keyed by the cell's first row and column."""
    rows, columns = len(ys) - 1, len(xs) - 1
    parent: dict[tuple[int, int], tuple[int, int]] = {
        (r, k): (r, k) for r in range(rows) for k in range(columns)
    }

    def find(place: tuple[int, int]) -> tuple[int, int]:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def ruled(edges: list[Edge], at: float, middle: float) -> bool:
        return any(abs(e.at - at) <= _SNAP and e.start - _SNAP <= middle <= e.end + _SNAP for e in edges)

    for r in range(rows):
        top, bottom = ys[rows - r], ys[rows - r - 1]
        for k in range(columns):
            if k + 1 < columns and not ruled(vs, xs[k + 1], (top + bottom) / 2):
                parent[max(find((r, k)), find((r, k + 1)))] = min(find((r, k)), find((r, k + 1)))
            if r + 1 < rows and not ruled(hs, bottom, (xs[k] + xs[k + 1]) / 2):
                parent[max(find((r, k)), find((r + 1, k)))] = min(find((r, k)), find((r + 1, k)))
    cells: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place in parent:
        cells.setdefault(find(place), []).append(place)
    return cells
