"""The device's keys and calls, as the components of `live/` import them.

Reflex copies a shared asset to `$/public/external/<path of the declaring module>/`. Only files
declared by one module land beside each other, so they are declared here together: they import one
another relatively, and every component imports
`$/public/external/sosa_app/live/device/device.js`. That one address matters: imported under two,
the module would exist twice, with two sets of tokens. A Python module that has such a component
imports this one, or the files would not be there.
"""

from pathlib import Path

import reflex as rx

for _script in sorted(Path(__file__).parent.glob("*.js")):
    rx.asset(_script.name, shared=True)
