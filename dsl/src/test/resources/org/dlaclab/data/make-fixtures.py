# Writes the images of ImageFilesTest and what PIL makes of them, as an oracle from outside:
#
#   pip install numpy pillow && python3 make-fixtures.py
#
# The files here were made with Pillow 12.3.0.
import os

import numpy as np
from PIL import Image, ImageOps

os.chdir(os.path.dirname(os.path.abspath(__file__)))

rng = np.random.default_rng(4)
HEIGHT, WIDTH = 45, 61

# Waves, an edge, and noise, in three channels.
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
waves = np.stack([128 + 90 * np.sin(x / 7 + c) * np.cos(y / (5 + c)) for c in range(3)], axis=2)
waves[12:30, 20:44] = [230, 20, 90]
rgb = np.clip(waves + rng.normal(0, 12, waves.shape), 0, 255).astype(np.uint8)
photo = Image.fromarray(rgb)
photo.save("photo.png")
photo.save("photo.jpg", quality=92)
photo.resize((16, 12)).save("progressive.jpg", quality=85, progressive=True)


def expect(name, image):
    """Channels, rows, columns as bytes."""
    array = np.asarray(image)
    np.save(name + ".npy", array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


for height, width in (32, 32), (20, 61), (45, 13), (90, 100), (7, 200):
    expect(f"photo-{height}x{width}", photo.resize((width, height), Image.Resampling.BILINEAR))

# As torchvision's Resize(24) and CenterCrop(21) do it.
shorter = photo.resize((24 * WIDTH // HEIGHT, 24), Image.Resampling.BILINEAR)
top, left = round((24 - 21) / 2), round((shorter.width - 21) / 2)
cropped = shorter.crop((left, top, left + 21, top + 21))
mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
values = (np.asarray(cropped).astype(np.float32) / np.float32(255) - mean) / std
np.save("photo-normalized.npy", values.transpose(2, 0, 1))

# Kinds of files, 9 x 5 pixels each, and the three channels that PIL makes of them.
small = rgb[:5, 20:29]
alpha = rng.integers(0, 256, (5, 9, 1), dtype=np.uint8)
grey = small[:, :, :1]
kinds = {
    "grey": Image.fromarray(grey[:, :, 0]),
    "grey-alpha": Image.fromarray(np.concatenate([grey, alpha], axis=2)),
    "rgba": Image.fromarray(np.concatenate([small, alpha], axis=2)),
    "palette": Image.fromarray(small).quantize(16),
    "bits": Image.fromarray(grey[:, :, 0] > 128),
}
for name, image in kinds.items():
    image.save(name + ".png")
    expect(name, image.convert("RGB"))
Image.fromarray(rgb[:8, :8] // 2 + 60).convert("CMYK").save("cmyk.jpg")

# Photographs of a camera that was held in the eight ways, and upright.
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x010F] = "camera"
    exif[0x0112] = orientation
    held = f"held-{orientation}"
    Image.fromarray(np.kron(rgb[10:14, 16:22], np.ones((8, 8, 1), np.uint8))).save(
        held + ".jpg", exif=exif, quality=95)
    expect(held, ImageOps.exif_transpose(Image.open(held + ".jpg")))
expect("photo-jpg", Image.open("photo.jpg"))
expect("progressive-jpg", Image.open("progressive.jpg"))
