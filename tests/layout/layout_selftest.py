#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge is judged: a small tree that breaks every rule once must bring every complaint."""

import os
import sys
import tempfile

import layout

TREE = {
    "src/math/up.c": "// SPDX-License-Identifier: Apache-2.0\n#include \"plan/plan_inner.h\"\n",
    "src/math/up_test.c": "// SPDX-License-Identifier: Apache-2.0\n",
    "src/step/public_up.h": "/* SPDX-License-Identifier: Apache-2.0 */\n#include \"slicewise/plan.h\"\n",
    "src/attic/old.h": "/* SPDX-License-Identifier: Apache-2.0 */\n",
    "cli/peeks.c": "// SPDX-License-Identifier: Apache-2.0\n#include \"base/text.h\"\n",
    "include/slicewise/leaks.h": "/* SPDX-License-Identifier: Apache-2.0 */\n#include \"base/text.h\"\n",
    "src/plan/unlicensed.h": "int x;\n",
    "src/plan/long.h": "/* SPDX-License-Identifier: Apache-2.0 */\n" + "\n" * layout.LINES_MAX,
    "src/plan/loud.h": "/* SPDX-License-Identifier: Apache-2.0 */\nint f(void) { printf(\"x\"); }\n",
    "src/plan/quiet.h": "/* SPDX-License-Identifier: Apache-2.0; printf(\"x\") */\n",
    "src/plan/untested.c": "// SPDX-License-Identifier: Apache-2.0\n",
    "cli/twice.h": "/* SPDX-License-Identifier: Apache-2.0 */\n",
    "src/plan/twice.h": "/* SPDX-License-Identifier: Apache-2.0 */\n",
}

EXPECTED = [
    "src/math/up.c:2: math uses plan/plan_inner.h",
    "src/step/public_up.h:2: step uses slicewise/plan.h",
    "src/attic/old.h:1: folder attic has no floor",
    "cli/peeks.c:2: the program uses base/text.h",
    "include/slicewise/leaks.h:2: a public header uses base/text.h",
    "src/plan/unlicensed.h:1: no SPDX",
    f"src/plan/long.h:{layout.LINES_MAX + 1}: longer than",
    "src/plan/loud.h:2: library code calls printf",
    "src/plan/untested.c:1: no untested_test.c",
    "cli/twice.h:1: the name twice.h is used again",
]


def main():
    with tempfile.TemporaryDirectory() as root:
        for path, text in TREE.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        found = layout.complaints_of(root)
    missing = [e for e in EXPECTED if not any(c.startswith(e) for c in found)]
    for line in missing:
        print(f"not noticed: {line}")
    # Exemptions name files of the real tree; they are complained about here and nowhere else.
    extra = [c for c in found if not any(c.startswith(e) for e in EXPECTED) and "exemption" not in c]
    for line in extra:
        print(f"wrongly noticed: {line}")
    return 1 if missing or extra else 0


if __name__ == "__main__":
    sys.exit(main())
