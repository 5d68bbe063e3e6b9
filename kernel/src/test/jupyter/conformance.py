"""The public suite jupyter_kernel_test with a sample for each of its tests, so that it skips none.

    KERNEL=dlac conformance.py [unittest options]

Runs with the newest version and with 0.4.5, which has no test of iopub_welcome.
"""
import os
import unittest

import jupyter_kernel_test
from jupyter_client.kernelspec import KernelSpecManager

NAME = os.environ.get("KERNEL", "dlac")
LANGUAGE = KernelSpecManager().get_kernel_spec(NAME).language

JAVA = {
    "language_name": "java",
    "file_extension": ".jsh",
    "code_hello_world": 'System.out.println("hello, world");',
    "code_stderr": 'System.err.println("test");',
    "completion_samples": [
        {"text": "System.identityH", "matches": {"identityHashCode"}},
        {"text": "Math.toRad", "matches": {"toRadians"}},
        {"text": 'int length = "text".isBl', "matches": {"isBlank"}},
    ],
    "complete_code_samples": [
        "1 + 1",
        'System.out.println("hello, world");',
        "int twice(int x) {\n  return 2 * x;\n}\n",
        "// only a comment",
        "",
        "%lsmagic",
    ],
    "incomplete_code_samples": [
        "int twice(int x) {",
        "for (int i = 0; i < 3; i++) {",
        "Math.max(1,",
        'var text = """\n  open',
        "/* a comment that",
    ],
    "invalid_code_samples": ["int 3x = ;", "import = 7q;", "} else {"],
    "code_page_something": "%lsmagic?",
    "code_generate_error": 'throw new IllegalStateException("on purpose");',
    "code_execute_result": [
        {"code": "6 * 7", "result": "42"},
        {"code": "6 * 8", "result": "48"},
        {"code": "Math.max(6 * 9, 0)", "result": "54"},
        {"code": "List.of(1, 2, 3)", "result": "[1, 2, 3]"},
        {"code": 'html("<b>bold</b>")', "mime": "text/html"},
    ],
    "code_display_data": [
        {"code": "display(42);", "mime": "text/plain"},
        {"code": 'display(html("<b>bold</b>"));', "mime": "text/html"},
        {"code": 'display(markdown("*text*"));', "mime": "text/markdown"},
        {"code": 'display(latex("x^2"));', "mime": "text/latex"},
        {"code": "display(new java.awt.image.BufferedImage(2, 2, 1));", "mime": "image/png"},
    ],
    "code_inspect_sample": "Math.max",
    "code_clear_output": "clearOutput();",
    "code_history_pattern": "6 * 7*",
}

PYTHON = {
    "language_name": "python",
    "file_extension": ".py",
    "code_hello_world": "print('hello, world')",
    "code_stderr": "import sys; print('test', file=sys.stderr)",
    "completion_samples": [{"text": "zi", "matches": {"zip"}}],
    "complete_code_samples": ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"],
    "incomplete_code_samples": ["print('''hello", "def f(x):\n  x*2"],
    "invalid_code_samples": ["import = 7q"],
    "code_page_something": "zip?",
    "code_generate_error": "raise ValueError('on purpose')",
    "code_execute_result": [{"code": "6 * 7", "result": "42"}, {"code": "6 * 8", "result": "48"}, {"code": "6 * 9", "result": "54"}],
    "code_display_data": [{"code": "from IPython.display import HTML, display; display(HTML('<b>bold</b>'))", "mime": "text/html"}],
    "code_inspect_sample": "zip",
    "code_clear_output": "from IPython.display import clear_output; clear_output()",
    "code_history_pattern": "6 [*] 7*",
}


class Conformance(jupyter_kernel_test.KernelTests):
    kernel_name = NAME
    supported_history_operations = ("tail", "range", "search")


for name, sample in (JAVA if LANGUAGE == "java" else PYTHON).items():
    setattr(Conformance, name, sample)

if hasattr(jupyter_kernel_test, "IopubWelcomeTests"):

    class Welcome(jupyter_kernel_test.IopubWelcomeTests):
        kernel_name = NAME
        support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
