"""Take screenshots of an HTML file or a page: `python -m tests.kit.shoot --help`.

    python -m tests.kit.shoot mail.html --out shots --width 640 375 --scheme light dark

Each picture is OUT/NAME-WIDTH-SCHEME.png, the whole page high. --serve takes the
addresses of one site from a folder, so that a mail shows pictures that are not public:

    python -m tests.kit.shoot mail.html --serve https://causeway.example=demo/pages
"""

import argparse
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"


def main(arguments: Sequence[str] | None = None) -> None:
    """Shoot what the command line names; print the pictures' paths."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("pages", nargs="+", help="HTML files or addresses")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--width", type=int, nargs="+", default=[640, 375])
    parser.add_argument(
        "--scheme", nargs="+", default=["light", "dark"], choices=["light", "dark"]
    )
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--serve", action="append", default=[], metavar="SITE=FOLDER")
    parser.add_argument("--chromium", default=CHROMIUM)
    options = parser.parse_args(arguments)
    served = [pair.split("=", 1) for pair in options.serve]
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        for scheme in options.scheme:
            for width in options.width:
                context = browser.new_context(
                    viewport={"width": width, "height": 800},
                    color_scheme=scheme,
                    device_scale_factor=options.scale,
                )
                page = context.new_page()
                for site, folder in served:
                    serve(page, site, Path(folder))
                for target in options.pages:
                    print(shoot(page, target, options.out, f"{width}-{scheme}"))  # noqa: T201
                context.close()
        browser.close()


def shoot(page: Page, target: str, out: Path, suffix: str) -> Path:
    """Write one picture of a file or an address; return its path."""
    local = Path(target)
    address = local.resolve().as_uri() if local.exists() else target
    page.goto(address, wait_until="load")
    name = local.stem if local.exists() else urlsplit(target).path.strip("/")
    picture = out / f"{(name or 'index').replace('/', '-')}-{suffix}.png"
    page.screenshot(path=picture, full_page=True)
    return picture


def serve(page: Page, site: str, folder: Path) -> None:
    """Answer every address of a site from a folder, by the end of its path."""

    def answer(route: Route) -> None:
        file = folder / urlsplit(route.request.url).path.rpartition("/")[2]
        if file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.abort()

    page.route(f"{site}/**", answer)


if __name__ == "__main__":
    main()
