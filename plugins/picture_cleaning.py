"""Opens a raster picture so that it is safe and true: whole, bounded, upright, in sRGB, and nothing but pixels.

Runs in a process of its own (picture_maker), so that neither memory nor a decoder's crash reaches the builder.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image, ImageCms, ImageSequence

from plugins.wording import WordedError

SUFFIXES = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",), "AVIF": (".avif",), "GIF": (".gif",)}
MOST_PIXELS = 50_000_000
"""So many take about 700 MB of memory while they are made smaller, for each core that works."""
MOST_PIXELS_JPEG = 100_000_000
"""A JPEG takes far less, as it is read coarsely, up to eight times smaller."""
MOST_STRETCHED = 20
"""How many times as long as wide, or as wide as long, a picture may be."""
MOST_MOVING_PIXELS = 60_000_000
"""Width times height times frames of a picture that moves."""
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by the number that the camera wrote (EXIF 2.32, Orientation)."""


class PictureFault(WordedError):
    """A picture that can't be shown as it is; the message says what to do."""


def open_picture(data: bytes, name: str) -> Image.Image:
    """The picture in these bytes, its pixels not read yet; PictureFault where it can't be right."""
    Image.MAX_IMAGE_PIXELS = None  # our own limits are stricter where it matters, and told in words
    try:
        image = Image.open(io.BytesIO(data), formats=list(SUFFIXES))
    except Exception:  # a decoder's words on a broken file help no writer
        raise PictureFault(
            'the picture "%(picture)s" must be a JPEG, PNG, WebP, AVIF or GIF; the file is something else, '
            "or broken. Save it anew as one of them",
            picture=name,
        ) from None
    _check_name(image, name)
    _check_size(image, name)
    _check_moving(image, name)
    if file_format(image) == "PNG":
        with _whole(name):
            Image.open(io.BytesIO(data)).verify()  # the checksums, which are not looked at when it is read
    return image


def file_format(image: Image.Image) -> str:
    """JPEG, PNG, WEBP, AVIF or GIF; what telephones write with more pictures behind the first is a JPEG too."""
    return "JPEG" if image.format == "MPO" else str(image.format)


def frame_count(image: Image.Image) -> int:
    """How many frames it moves through; 1 for a still picture."""
    return 1 if file_format(image) == "JPEG" else int(getattr(image, "n_frames", 1))


def _check_name(image: Image.Image, name: str) -> None:
    suffixes = SUFFIXES[file_format(image)]
    if Path(name).suffix.lower() not in suffixes:
        raise PictureFault(
            'the picture "%(picture)s" must have a name that ends in %(suffix)s, as it is a %(format)s; '
            "give the file that name",
            picture=name,
            suffix=suffixes[0],
            format=file_format(image),
        )


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    most = MOST_PIXELS_JPEG if file_format(image) == "JPEG" else MOST_PIXELS
    if width * height > most:
        raise PictureFault(
            'the picture "%(picture)s" must have at most %(most)d megapixels, not %(megapixels)d; '
            "make it smaller, 4000 pixels wide is plenty",
            picture=name,
            most=most // 1_000_000,
            megapixels=round(width * height / 1_000_000),
        )
    if max(width, height) > MOST_STRETCHED * min(width, height):
        raise PictureFault(
            'the picture "%(picture)s" must not be more than %(most)d times as long as it is wide; '
            "it has %(width)d × %(height)d pixels. Crop it",
            picture=name,
            most=MOST_STRETCHED,
            width=width,
            height=height,
        )


def _check_moving(image: Image.Image, name: str) -> None:
    with _whole(name):
        count = frame_count(image)
    if count > 1 and file_format(image) not in ("GIF", "WEBP"):
        raise PictureFault(
            'the picture "%(picture)s" must not move; only a GIF or WebP may. Save it as one of them, or still',
            picture=name,
        )
    if count > 1 and count * image.width * image.height > MOST_MOVING_PIXELS:
        raise PictureFault(
            'the picture "%(picture)s" must move through fewer or smaller frames: it has %(frames)d of '
            "%(width)d × %(height)d pixels. Make it smaller or shorter, or publish it as a film and link to that",
            picture=name,
            frames=count,
            width=image.width,
            height=image.height,
        )


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """Whatever decoders say of a broken file becomes one PictureFault."""
    try:
        yield
    except Exception:
        raise PictureFault(
            'the picture "%(picture)s" must be whole; the file is broken or half copied. Copy or save it anew',
            picture=name,
        ) from None


def clean(image: Image.Image, name: str, most: int) -> Image.Image:
    """Its pixels alone, RGB or RGBA in sRGB, upright, at most so many wide; PictureFault where it is broken."""
    with _whole(name):
        turn = _UPRIGHT.get(_orientation(image))
        sideways = turn is not None and turn >= Image.Transpose.ROTATE_90 and turn != Image.Transpose.ROTATE_180
        scale = min(1, most / (image.height if sideways else image.width))
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        if file_format(image) == "JPEG":
            image.draft(image.mode, size)  # decodes an eighth to the whole, so that memory stays small
        pixels = _pixels(image, size)
        return pixels.transpose(turn) if turn is not None else pixels


def clean_frames(image: Image.Image, name: str, most: int) -> tuple[list[Image.Image], list[int]]:
    """All frames of a picture that moves, each as `clean` gives them, and how many milliseconds each is shown."""
    scale = min(1, most / image.width)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    frames, durations = [], []
    with _whole(name):
        for frame in ImageSequence.Iterator(image):
            durations.append(int(frame.info.get("duration", 0)))
            frames.append(_pixels(frame, size).convert("RGBA"))
    return frames, durations


def _orientation(image: Image.Image) -> int:
    with suppress(Exception):  # broken EXIF is no fault: nothing of it is published
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1


def _pixels(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    profile = image.info.get("icc_profile")
    resized = _plain(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    pixels = _in_srgb(resized, profile)
    if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        pixels = pixels.convert("RGB")
    pixels.info = {}  # what Pillow would write again: comment, profile, XMP
    return pixels


def _plain(image: Image.Image) -> Image.Image:
    """In a mode whose pixels can be mixed: L, RGB, RGBA or CMYK with eight bits a channel."""
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value * (1 / 257)).convert("L")  # 16 bits a pixel
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):  # a profile that is broken, or for other colours than these
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            if converted is not None:
                return converted
    return image.convert(mode)
