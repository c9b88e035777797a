"""What a proof costs in a browser: the product's own scripts in Chromium, beside a bare fetch.

In one page, in turns: a proof for a request without a body and for one with a message in it, a
fetch of a few bytes from the same machine, and the same fetch with a proof in its header. The keys
are made as at a sign-in, by WebCrypto, and cannot leave it.
"""

import argparse
import asyncio
import statistics
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import async_playwright

from tests.conftest import CHROMIUM, CHROMIUM_FLAGS

SCRIPTS = Path(__file__).resolve().parents[1] / "sosa_app" / "live" / "device"
TURNS = 10
FLOOR = "a bare fetch"
PAGE = "<!doctype html><title>What a proof costs</title>"
ISOLATED = {
    # Timers of a page that is isolated tell 5 us apart, those of any other 100.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
MEASURE = """async ({count, turns}) => {
  const { deriveLeaves, b64u } = await import("/device/keys.js");
  const { makeProof } = await import("/device/proof.js");
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode("sosa/1 kid");
  const schedule = { name: "HKDF", hash: "SHA-256", salt, info };
  const bits = await crypto.subtle.deriveBits(schedule, root, 256);
  const started = performance.now();
  const leaves = await deriveLeaves(secret, salt, b64u(bits.slice(0, 16)));
  const derived = performance.now() - started;
  const token = "x".repeat(700), body = JSON.stringify({ text: "y".repeat(200) });
  const post = { htm: "POST", path: "/few", token, body };
  const get = () => makeProof(leaves, "messaging", { htm: "GET", path: "/few", token });
  const ask = async (headers) => (await fetch("/few", { cache: "no-store", headers })).text();
  const kinds = {
    "a proof, no body": get,
    "a proof, 200 bytes": () => makeProof(leaves, "messaging", post),
    "a bare fetch": () => ask({}),
    "a fetch with a proof": async () => ask({ "Sosa-Proof": (await get()).proof }),
  };
  const taken = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const [name, work] of Object.entries(kinds)) {
      for (let number = 0; number < count / turns; number += 1) {
        const before = performance.now();
        await work();
        if (turn) taken[name].push(performance.now() - before);
      }
    }
  }
  return { taken, derived, isolated: crossOriginIsolated };
}"""


async def compare(count: int) -> None:
    """Measure in Chromium and print the medians."""
    async with _serving() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS
        )
        page = await browser.new_page()
        await page.goto(url)
        found: dict[str, Any] = await page.evaluate(MEASURE, {"count": count, "turns": TURNS})
        version = browser.version
        await browser.close()
    if not found["isolated"]:
        raise RuntimeError("the page was not isolated, so its timer is too coarse")
    _report(found["taken"], version)
    print(f"all keys of a device, once at each sign-in: {found['derived']:.2f} ms")


@asynccontextmanager
async def _serving() -> AsyncGenerator[str]:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html", headers=ISOLATED)

    async def few(_request: web.Request) -> web.Response:
        return web.Response(body=b'{"status":"success"}', content_type="application/json")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/few", few), web.static("/device", SCRIPTS)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        # Keys are made only where nobody can listen: on https, or on the machine itself.
        yield f"http://localhost:{port}/"
    finally:
        await runner.cleanup()


def _report(taken: dict[str, list[float]], version: str) -> None:
    floor = statistics.median(taken[FLOOR])
    titles = ("times", "p50 us", "p90 us", "p50 ratio")
    print(f"{'Chromium ' + version:28}" + "".join(f"{title:>12}" for title in titles))
    for name, times in taken.items():
        p50, p90 = statistics.median(times), statistics.quantiles(times, n=10)[8]
        print(f"{name:28}{len(times):12}{p50 * 1e3:12.0f}{p90 * 1e3:12.0f}{p50 / floor:12.2f}")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1_000, help="of each kind")
    asyncio.run(compare(parser.parse_args().times))


if __name__ == "__main__":
    main()
