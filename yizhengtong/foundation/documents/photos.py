"""Whether a picture can serve as an ID photo (S1-039, S2-18).

The sources ask for a photo but give no size (N): the bounds are technical configuration, `limits.PhotoLimits`.
"""

from PIL import Image, ImageStat

from yizhengtong.foundation.documents.limits import PhotoLimits
from yizhengtong.kernel.errors import FieldError, Invalid


def check_photo(image: Image.Image, limits: PhotoLimits) -> None:
    """Raise Invalid when the upright picture is too small, not portrait or blank: the first code, all in `errors`."""
    errors = [
        *_size_errors(image.width, image.height, limits),
        *_blank_errors(image, limits.min_brightness_deviation),
    ]
    if errors:
        raise Invalid(errors[0].code, errors=errors, **errors[0].facts)


def _size_errors(width: int, height: int, limits: PhotoLimits) -> list[FieldError]:
    errors = []
    if width < limits.min_width_pixels or height < limits.min_height_pixels:
        least = {"min_width_pixels": limits.min_width_pixels, "min_height_pixels": limits.min_height_pixels}
        errors.append(FieldError("content", "documents.photo_too_small", least))
    if not limits.min_height_per_width <= height / width <= limits.max_height_per_width:
        errors.append(FieldError("content", "documents.photo_not_portrait"))
    return errors


def _blank_errors(image: Image.Image, min_deviation: float) -> list[FieldError]:
    grey = image.convert(
        "L",
    ).resize((64, 64), Image.Resampling.BOX)
    deviation = ImageStat.Stat(grey).stddev[0]
    return [FieldError("content", "documents.photo_blank")] if deviation < min_deviation else []
