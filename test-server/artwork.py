#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Draw the pictures of the test server: nothing here was copied or photographed.

    artwork.py [directory]

makes libwebsockets.org-logo.png, favicon.ico and leaf.jpg in the directory,
here by default.  The pictures are kept in the repository; this script says how
they came to be and is not part of the build.  Needs python3-pil and
python3-numpy (Debian 12: Pillow 9.4, numpy 1.24).
"""

import os
import sys

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

# --------------------------------------------------------------------------
# The logo: one frame each way on a rounded tile
# --------------------------------------------------------------------------

TILE = 1024
TOP_LEFT = np.array([0x5B, 0x4B, 0xEB], float)
BOTTOM_RIGHT = np.array([0x0B, 0xB4, 0xC9], float)


def gradient(size):
    """Return a square picture that goes from TOP_LEFT to BOTTOM_RIGHT."""
    ramp = np.linspace(0, 1, size)
    t = ((ramp[None, :] + ramp[:, None]) / 2)[..., None]
    return Image.fromarray((TOP_LEFT * (1 - t) + BOTTOM_RIGHT * t).astype("uint8"))


def arrow(draw, y, tail, tip, colour):
    """Draw a thick horizontal arrow with round ends from tail to tip."""
    w = 84
    back = -1 if tip > tail else 1
    reach = 150

    def line(a, b):
        draw.line([a, b], fill=colour, width=w)
        for x, yy in (a, b):
            draw.ellipse([x - w / 2, yy - w / 2, x + w / 2, yy + w / 2], fill=colour)

    line((tail, y), (tip, y))
    line((tip, y), (tip + back * reach, y - reach))
    line((tip, y), (tip + back * reach, y + reach))


def tile(size):
    """Return the logo, size pixels wide, with transparent corners."""
    mask = Image.new("L", (TILE, TILE), 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, TILE - 1, TILE - 1], 230, fill=255)
    picture = gradient(TILE).convert("RGBA")
    draw = ImageDraw.Draw(picture)
    arrow(draw, 356, 250, 774, (255, 255, 255, 255))
    arrow(draw, 668, 774, 250, (203, 246, 252, 255))
    picture.putalpha(mask)
    return picture.resize((size, size), Image.LANCZOS)


# --------------------------------------------------------------------------
# The leaf: a height field of veins and cells, lit from the upper left
# --------------------------------------------------------------------------

WIDE, HIGH = 1600, 1060
RNG = np.random.default_rng(6455)


def smooth_noise(cells, octaves=4):
    """Return noise in -1..1 as large as the picture, coarse to fine."""
    total = np.zeros((HIGH, WIDE))
    for n in range(octaves):
        count = cells * 2 ** n
        grid = RNG.random((max(2, count * HIGH // WIDE), count)).astype("float32")
        layer = Image.fromarray(grid).resize((WIDE, HIGH), Image.BICUBIC)
        total += (np.asarray(layer) * 2 - 1) / 2 ** n
    return total / 2


def cell_borders(x, y, size):
    """Return how near each point is to a border of a Voronoi cell, 0..1."""
    gx, gy = np.floor(x / size).astype(int), np.floor(y / size).astype(int)
    first = np.full(x.shape, 1e9)
    second = first.copy()
    table = RNG.random((256, 256, 2))
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            point = table[(gx + dx) % 256, (gy + dy) % 256]
            d = np.hypot(x / size - gx - dx - point[..., 0],
                         y / size - gy - dy - point[..., 1])
            second = np.minimum(second, np.maximum(first, d))
            first = np.minimum(first, d)
    return np.exp(-((second - first) / 0.09) ** 2)


def blur(array, radius):
    """Return the array softened, values kept."""
    low, high = array.min(), array.max()
    scaled = ((array - low) / (high - low + 1e-9) * 255).astype("uint8")
    soft = Image.fromarray(scaled).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft).astype(float) / 255 * (high - low) + low


def leaf_coordinates():
    """Return along (0 stem .. 1 tip) and across, in lengths of the leaf."""
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(float)
    angle = np.radians(-24)
    length = 1420.0
    px, py = x - 150, y - 800
    along = (px * np.cos(angle) + py * np.sin(angle)) / length
    across = (-px * np.sin(angle) + py * np.cos(angle)) / length
    return along, across + 0.075 * np.sin(np.pi * np.clip(along, -0.2, 1.1)) - 0.02


def ridge(distance, width):
    """Return a rounded bump along distance 0."""
    return np.exp(-(distance / width) ** 2)


def leaf_shape(along, across):
    """Return the half width at each point, with saw teeth on the edge."""
    t = np.clip(along, 0, 1)
    half = 0.272 * np.sin(np.pi * t ** 0.72) ** 0.9 * (1 - 0.35 * t)
    phase = (along + np.abs(across) * 0.55) * 26
    return half * (1 + 0.06 * (phase - np.floor(phase) - 0.5) * np.sin(np.pi * t))


def vein_height(along, across):
    """Return the height field of the leaf's veins."""
    side = np.abs(across)
    spacing = 0.078
    path = along - 0.62 * side - 0.9 * side ** 2 + (across > 0) * spacing * 0.45
    nearest = (path / spacing - np.round(path / spacing)) * spacing
    thin = 0.0035 * (1 - np.clip(side / 0.32, 0, 1)) + 0.0011
    finer = spacing / 4.6
    fine_path = along + 1.5 * side + 0.012 * np.sin(side * 90)
    fine = (fine_path / finer - np.round(fine_path / finer)) * finer
    width = 0.0088 * (1 - np.clip(along, 0, 1)) + 0.0022
    return (1.5 * ridge(across, width) + 0.8 * ridge(nearest, thin) +
            0.22 * ridge(fine, 0.0013))


def background():
    """Return a dim garden, far out of focus."""
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(float)
    light = 0.5 - 0.35 * (y / HIGH) - 0.2 * (x / WIDE) + 0.1 * smooth_noise(4, 3)
    base = np.stack([light * 60 + 8, light * 108 + 24, light * 72 + 22], -1)
    picture = Image.fromarray(np.clip(base, 0, 255).astype("uint8"))
    for _ in range(46):
        r = int(RNG.integers(26, 120))
        cx, cy = int(RNG.integers(0, WIDE)), int(RNG.integers(0, HIGH))
        disc = Image.new("L", (WIDE, HIGH), 0)
        ImageDraw.Draw(disc).ellipse([cx - r, cy - r, cx + r, cy + r],
                                     fill=int(RNG.integers(14, 58)))
        warm = int(RNG.integers(90, 235))
        colour = Image.new("RGB", (WIDE, HIGH), (warm, 225, 120))
        picture.paste(colour, mask=disc.filter(ImageFilter.GaussianBlur(r / 9 + 2)))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(7))).astype(float)


def lit(height):
    """Return diffuse light and gloss for a height field."""
    gy, gx = np.gradient(height)
    normal = np.stack([-gx * 7, -gy * 7, np.ones_like(height)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    sun = np.array([-0.45, -0.62, 0.64])
    sun /= np.linalg.norm(sun)
    diffuse = np.clip(normal @ sun, 0, 1)
    middle = sun + np.array([0, 0, 1])
    middle /= np.linalg.norm(middle)
    return diffuse, np.clip(normal @ middle, 0, 1) ** 42


def add_drops(picture, inside):
    """Put drops of water on the leaf: darker above, bright below, a glint."""
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(float)
    placed = 0
    while placed < 34:
        cx, cy = RNG.integers(200, WIDE - 100), RNG.integers(60, HIGH - 60)
        r = 5 + 26 * RNG.random() ** 2.4
        if not inside[cy, cx] > 0.99:
            continue
        d = np.hypot((x - cx) / r, (y - cy) / (r * 0.92))
        ball = np.clip((1 - d) * r / 1.5, 0, 1)[..., None]
        slope = ((x - cx) * 0.55 + (y - cy)) / r
        shadow = np.clip(1.35 - np.hypot((x - cx - r * .3) / r, (y - cy - r * .45) / r),
                         0, 1)[..., None] * (1 - ball)
        picture *= 1 - 0.42 * shadow
        picture *= 1 + ball * (0.42 * slope * (d < 1.2))[..., None]
        glint = np.exp(-(((x - cx + r * .38) ** 2 + (y - cy + r * .42) ** 2) /
                         (r * .17) ** 2))[..., None]
        picture += ball * glint * 215
        placed += 1
    return picture


def leaf():
    """Return the picture of the leaf."""
    along, across = leaf_coordinates()
    edge = leaf_shape(along, across) - np.abs(across)
    inside = np.clip(edge * 1420 / 1.6, 0, 1) * (along > 0) * (along < 1)
    stem = ridge(across - 0.35 * np.clip(-along, 0, 1) ** 2, 0.0085) > 0.37
    inside = np.maximum(inside, stem * (along <= 0.02) * (along > -0.16))
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(float)
    wobble = smooth_noise(40, 3) * 5
    cells = cell_borders(x + wobble, y - wobble, 19.0)
    bulge = smooth_noise(9, 5)
    veins = vein_height(along + 0.004 * bulge, across)
    height = blur(veins * 2.0 + cells * 0.16 + bulge * 1.7 - np.abs(across) * 3.0, 1.1)
    diffuse, gloss = lit(height)
    ripe = np.clip(0.42 + 0.5 * smooth_noise(5, 4) + 0.75 * (along - 0.62) +
                   0.7 * np.abs(across), 0, 1)[..., None]
    colour = (np.array([38, 104, 30]) * (1 - ripe) + np.array([148, 176, 44]) * ripe)
    pale = np.clip(veins * 0.55 + cells * 0.13, 0, 1)[..., None]
    colour = colour * (1 - pale) + np.array([206, 222, 128]) * pale
    surface = colour * (0.30 + 1.02 * diffuse)[..., None] + gloss[..., None] * 62
    surface *= (1 + 0.05 * smooth_noise(300, 2))[..., None]
    surface = add_drops(surface, inside)
    scene = background()
    mask = Image.fromarray((inside * 255).astype("uint8"))
    cast = ImageChops.offset(mask, 26, 44).filter(ImageFilter.GaussianBlur(30))
    scene *= (1 - 0.62 * np.asarray(cast).astype(float) / 255)[..., None]
    m = np.asarray(mask).astype(float)[..., None] / 255
    picture = scene * (1 - m) + surface * m
    picture += RNG.normal(0, 1.6, (HIGH, WIDE, 1))
    return Image.fromarray(np.clip(picture, 0, 255).astype("uint8"))


def main():
    """Write the three files."""
    here = os.path.dirname(os.path.abspath(__file__))
    out = sys.argv[1] if len(sys.argv) > 1 else here
    tile(192).save(os.path.join(out, "libwebsockets.org-logo.png"), optimize=True)
    tile(256).save(os.path.join(out, "favicon.ico"), sizes=[(16, 16), (32, 32), (48, 48)])
    leaf().save(os.path.join(out, "leaf.jpg"), quality=80, optimize=True,
                progressive=True)


if __name__ == "__main__":
    main()
