import io

from PIL import Image, ImageCms

from signing.rendering.profile import srgb


def test_littlecms_reads_the_profile_and_it_is_srgb():
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb()))
    usual = ImageCms.createProfile("sRGB")
    colours = Image.new("RGB", (256, 4))
    for level in range(256):
        for row, colour in enumerate(
            [(level, level, level), (level, 0, 0), (0, level, 9), (200, 30, level)]
        ):
            colours.putpixel((level, row), colour)

    same = ImageCms.profileToProfile(colours, usual, ours)

    differences = [abs(a - b) for a, b in zip(colours.tobytes(), same.tobytes(), strict=True)]
    assert max(differences) <= 1
    assert ImageCms.getProfileDescription(ours).strip() == "sRGB"


def test_the_profile_says_its_own_size_and_is_small():
    data = srgb()

    assert int.from_bytes(data[:4]) == len(data) < 600
    assert (data[12:16], data[16:20], data[8]) == (b"mntr", b"RGB ", 4)
