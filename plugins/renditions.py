"""What a raster picture becomes on the site: its widths, its formats, their file names and addresses."""

import hashlib
from dataclasses import dataclass

FOLDER = "bilder"
"""Where they lie on the site. A name there never gets other content, so it may be cached for ever."""
WIDTHS = (320, 640, 960, 1280, 1920)
"""In pixels. The theme's column is 544 CSS pixels, a telephone's 288 to 380, with one to three pixels for each."""
SIZES = "(min-width: 37rem) 34rem, 92vw"
"""How wide the theme shows a picture: --measure beside the rail, else the window without its gutters (site.css)."""
SHOWN_BEFORE_CHOICE = 960
"""The width for readers that choose none: feed readers and old browsers."""
PORTRAITS = (72, 96, 144, 192)
"""In pixels: a byline's portrait is 72 CSS pixels wide, an author page's 96; twice as many for fine screens."""
RECIPE = "1"
"""To be counted up when picture_maker comes to make other files: then every picture is made anew, with new names."""
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}


@dataclass(frozen=True)
class Card:
    """What was made of a picture. `formats` are suffixes, the best first; the last one is for every browser.

    `name` begins the files' names on the site, `width` and `height` are those of the largest, in pixels. `own` is
    the file published at the original's address, `moving` the picture that moves ("" for a still one).
    """

    name: str
    widths: tuple[int, ...]
    formats: tuple[str, ...]
    width: int
    height: int
    own: str
    moving: str = ""

    def address(self, width: int, suffix: str) -> str:
        """The address from the root of the picture in that width and format."""
        return f"/{FOLDER}/{self.name}-{width}.{suffix}"

    def moving_address(self) -> str:
        """The address from the root of the picture that moves."""
        return f"/{FOLDER}/{self.name}-{self.moving}"

    def candidates(self, suffix: str) -> str:
        """All widths of a format as `srcset` wants them."""
        if len(self.widths) == 1:
            return self.address(self.widths[0], suffix)
        return ", ".join(f"{self.address(width, suffix)} {width}w" for width in self.widths)

    def portraits(self, size: int) -> list[dict[str, str]]:
        """A portrait of so many CSS pixels, for usual and fine screens: {"type", "src", "srcset"} for each format."""
        once, twice = (max(width for width in self.widths if width <= most) for most in (size, 2 * size))
        found = []
        for suffix in self.formats:
            src, fine = self.address(once, suffix), self.address(twice, suffix)
            found.append({"type": TYPES[suffix], "src": src, "srcset": f"{src}, {fine} 2x"})
        return found

    def plain_address(self) -> str:
        """The address for whoever does not choose."""
        fitting = [width for width in self.widths if width <= SHOWN_BEFORE_CHOICE]
        return self.address(max(fitting, default=self.widths[0]), self.formats[-1])

    def files(self) -> dict[str, str]:
        """What is published of it: the cache's file names and the site's, from the root."""
        made = [f"{width}.{suffix}" for suffix in self.formats for width in self.widths]
        return {file: f"{FOLDER}/{self.name}-{file}" for file in [*made, *filter(None, [self.moving])]}


def picture_digest(data: bytes, kind: str, suffix: str) -> str:
    """What a picture's content, its name's end and the way it is made come down to, in 32 hexadecimal digits."""
    return hashlib.sha256(f"{RECIPE} {kind} {suffix.lower()} ".encode() + data).hexdigest()[:32]
