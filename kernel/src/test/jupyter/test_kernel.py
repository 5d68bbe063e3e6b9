"""What a kernel must do, asked by jupyter_client over the wire.

    KERNEL=dlac python3 -m unittest test_kernel.py

Each class starts one kernel. The code for python is there to check these tests against ipykernel, which lacks some features.
"""
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

NAME = os.environ.get("KERNEL", "dlac")
JAVA = KernelSpecManager().get_kernel_spec(NAME).language == "java"

# A history of its own, and not the user's.
HOME = tempfile.TemporaryDirectory(prefix="kernel-test-")
os.environ.update({"JUPYTER_RUNTIME_DIR": HOME.name, "IPYTHONDIR": HOME.name, "XDG_DATA_HOME": HOME.name, "XDG_STATE_HOME": HOME.name})

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def code(java, python=None):
    """The cell in the kernel's language."""
    if JAVA:
        return java
    if python is None:
        raise unittest.SkipTest("a test for Java kernels")
    return python


PRINT = code("System.out.println({});", "print({})")
FAIL = code('throw new IllegalStateException("on purpose");', "raise ValueError('on purpose')")
SPIN = code("while (true) { }", "while True: pass")
EMOJI = "a\N{GRINNING FACE}b\u00e9\u20ac\n"


class Kernel:
    """A kernel with one client, which sorts what comes by the request that it answers."""

    def __init__(self):
        self.manager = KernelManager(kernel_name=NAME)
        self.manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connect()

    def connect(self):
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def close(self):
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=True)

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def reply(self, request, timeout=15, channel="shell"):
        deadline = time.monotonic() + timeout
        get = getattr(self.client, f"get_{channel}_msg")
        while True:
            try:
                message = get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no reply on {channel} within {timeout} s") from None
            if message["parent_header"].get("msg_id") == request:
                return message

    def outputs(self, request, timeout=15, until=lambda m: m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"):
        """All that iopub brings for a request up to the last, idle."""
        deadline, found = time.monotonic() + timeout, []
        while not found or not until(found[-1]):
            try:
                message = self.client.get_iopub_msg(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not over within {timeout} s; came: {[m['msg_type'] for m in found]}") from None
            if message["parent_header"].get("msg_id") == request:
                found.append(message)
        return found

    def run(self, source, timeout=15, **options):
        request = self.client.execute(source, **options)
        outputs = self.outputs(request, timeout)
        return self.reply(request, timeout)["content"], outputs

    def ask(self, kind, content, channel="shell", header=None, timeout=15):
        """Sends any request and gives the content of its reply."""
        message = self.client.session.msg(kind, content)
        message["header"].update(header or {})
        getattr(self.client, f"{channel}_channel").send(message)
        return self.reply(message["header"]["msg_id"], timeout, channel)["content"]

    def cpu(self, seconds):
        """Per cent of a core."""

        def ticks():
            return sum(map(int, Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))

        before = ticks()
        time.sleep(seconds)
        return 100 * (ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds

    def socket(self, kind, channel):
        """A bare socket, to send and see what no client would."""
        info = self.manager.get_connection_info()
        socket = zmq.Context.instance().socket(kind)
        socket.linger = 0
        socket.connect(f"{info['transport']}://{info['ip']}:{info[channel + '_port']}")
        return socket

    def frames(self, kind, content, key=None):
        """The frames of a message, signed with the kernel's key or with another."""
        session = Session(key=key or self.manager.session.key)
        return session.serialize(session.msg(kind, content))


def kinds(messages):
    return [m["msg_type"] for m in messages]


def text(messages, name="stdout"):
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream" and m["content"]["name"] == name)


class KernelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kernel = Kernel()

    @classmethod
    def tearDownClass(cls):
        cls.kernel.close()

    def assert_works(self):
        reply, outputs = self.kernel.run("6 * 7", timeout=30)
        self.assertEqual(reply["status"], "ok")
        self.assertEqual([m["content"]["data"]["text/plain"] for m in outputs if m["msg_type"] == "execute_result"], ["42"])


class Executing(KernelTest):
    def test_a_cell_is_announced_and_is_idle_at_the_end(self):
        reply, outputs = self.kernel.run("6 * 7")
        self.assertEqual(kinds(outputs), ["status", "execute_input", "execute_result", "status"])
        self.assertEqual(outputs[1]["content"], {"code": "6 * 7", "execution_count": reply["execution_count"]})
        self.assertEqual(outputs[2]["content"]["execution_count"], reply["execution_count"])

    def test_a_silent_cell_shows_nothing_and_does_not_count(self):
        count = self.kernel.run("1 + 1")[0]["execution_count"]
        reply, outputs = self.kernel.run("1 + 2", silent=True)
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(kinds(outputs), ["status", "status"])
        self.assertEqual(self.kernel.run("1 + 1")[0]["execution_count"], count + 1)

    def test_a_cell_not_stored_shows_but_does_not_count(self):
        count = self.kernel.run("1 + 1")[0]["execution_count"]
        _, outputs = self.kernel.run("123321 + 1", store_history=False)
        self.assertIn("execute_result", kinds(outputs))
        self.assertEqual(self.kernel.run("1 + 1")[0]["execution_count"], count + 1)
        tail = self.kernel.ask("history_request", {"hist_access_type": "tail", "n": 10, "raw": True, "output": False})
        self.assertNotIn("123321 + 1", [entry[2] for entry in tail["history"]])

    def test_user_expressions_answer_each_by_itself(self):
        reply, _ = self.kernel.run("", silent=True, user_expressions={"good": "6 * 7", "bad": "noSuchName"})
        good, bad = (reply["user_expressions"][k] for k in ("good", "bad"))
        self.assertEqual((good["status"], good["data"]["text/plain"]), ("ok", "42"))
        self.assertEqual(bad["status"], "error")
        self.assertTrue(bad["ename"])

    def test_an_error_aborts_the_cells_in_the_queue(self):
        failing = self.kernel.client.execute(code("Thread.sleep(500); ", "import time; time.sleep(0.5); ") + FAIL)
        queued = [self.kernel.client.execute(PRINT.format(n)) for n in (1, 2)]
        self.assertEqual(self.kernel.reply(failing)["content"]["status"], "error")
        self.assertEqual([self.kernel.reply(r)["content"]["status"] for r in queued], ["aborted"] * 2)
        self.assert_works()

    def test_an_error_lets_the_queue_go_on_where_told(self):
        failing = self.kernel.client.execute(FAIL, stop_on_error=False)
        queued = self.kernel.client.execute("6 * 7")
        self.assertEqual(self.kernel.reply(failing)["content"]["status"], "error")
        self.assertEqual(self.kernel.reply(queued)["content"]["status"], "ok")

    def test_an_error_names_the_exception_and_why(self):
        reply, outputs = self.kernel.run(FAIL)
        shown = [m["content"] for m in outputs if m["msg_type"] == "error"]
        self.assertEqual(len(shown), 1)
        for content in (reply, shown[0]):
            self.assertRegex(content["ename"], code("IllegalStateException$", "ValueError"))
            self.assertEqual(content["evalue"], "on purpose")
            self.assertIn("on purpose", "\n".join(content["traceback"]))

    def test_input_is_asked_of_the_front_end(self):
        for ask, hidden in (("input", False), (code("password", "__import__('getpass').getpass"), True)):
            with self.subTest(ask):
                request = self.kernel.client.execute(PRINT.format(f'"<" + {ask}("who? ") + ">"'), allow_stdin=True)
                asked = self.kernel.client.get_stdin_msg(timeout=10)
                self.assertEqual(asked["msg_type"], "input_request")
                self.assertEqual(asked["content"], {"prompt": "who? ", "password": hidden})
                self.assertEqual(asked["parent_header"]["msg_id"], request)
                self.kernel.client.input("J\u00f6rg")
                self.assertEqual(text(self.kernel.outputs(request)), "<J\u00f6rg>\n")
                self.assertEqual(self.kernel.reply(request)["content"]["status"], "ok")

    def test_input_is_refused_where_the_front_end_cannot_ask(self):
        reply, _ = self.kernel.run(code('String who = input("who? ");', "input('who? ')"), allow_stdin=False)
        self.assertEqual(reply["status"], "error")
        self.assertRegex(reply["evalue"].lower(), "input|stdin")

    def test_a_display_is_updated_in_place(self):
        source = code('var handle = display("one", "place"); handle.update("two");', "h = display('one', display_id=True); h.update('two')")
        _, outputs = self.kernel.run(source)
        first, second = (m["content"] for m in outputs if "display_data" in m["msg_type"])
        self.assertEqual([k for k in kinds(outputs) if "display" in k], ["display_data", "update_display_data"])
        self.assertTrue(first["transient"]["display_id"])
        self.assertEqual(first["transient"], second["transient"])
        self.assertIn("two", second["data"]["text/plain"])

    def test_a_display_is_updated_from_another_cell(self):
        self.kernel.run(code('display("one", "named");', "display('one', display_id='named')"))
        _, outputs = self.kernel.run(code('display("two", "named").update("three");', "from IPython.display import update_display; update_display('three', display_id='named')"))
        self.assertEqual(outputs[-2]["msg_type"], "update_display_data")
        self.assertEqual(outputs[-2]["content"]["transient"], {"display_id": "named"})

    def test_output_is_cleared(self):
        _, outputs = self.kernel.run(code("clearOutput();", "from IPython.display import clear_output; clear_output()"))
        self.assertEqual([m["content"] for m in outputs if m["msg_type"] == "clear_output"], [{"wait": False}])


class Streams(KernelTest):
    def test_all_lines_arrive_in_order(self):
        source = code('for (int i = 0; i < 20_000; i++) System.out.println("line " + i);', "for i in range(20_000): print('line', i)")
        _, outputs = self.kernel.run(source, timeout=60)
        self.assertEqual(text(outputs).splitlines(), [f"line {i}" for i in range(20_000)])
        self.assertEqual(outputs[-1]["msg_type"], "status")

    def test_a_character_written_byte_by_byte_arrives_whole(self):
        written = ", ".join(str(b if b < 128 else b - 256) for b in EMOJI.encode())
        source = code(f"for (byte b : new byte[] {{{written}}}) {{ System.out.write(b); System.out.flush(); }}", f"print({EMOJI!r}, end='')")
        self.assertEqual(text(self.kernel.run(source)[1]), EMOJI)

    def test_a_character_of_two_chars_printed_one_by_one_arrives_whole(self):
        source = code(f"for (char c : {json.dumps(EMOJI)}.toCharArray()) System.out.print(c);", f"for c in {EMOJI!r}: print(c, end='')")
        self.assertEqual(text(self.kernel.run(source)[1]), EMOJI)

    def test_both_streams_have_their_names(self):
        _, outputs = self.kernel.run(code('System.out.println("o"); System.err.println("e");', "import sys; print('o'); print('e', file=sys.stderr)"))
        self.assertEqual((text(outputs), text(outputs, "stderr")), ("o\n", "e\n"))

    def test_output_shows_while_the_cell_runs(self):
        source = code('System.out.println("now"); Thread.sleep(2000);', "import time; print('now', flush=True); time.sleep(2)")
        request, begin = self.kernel.client.execute(source), time.monotonic()
        self.kernel.outputs(request, until=lambda m: m["msg_type"] == "stream")
        self.assertLess(time.monotonic() - begin, 1)
        self.kernel.outputs(request)

    def test_late_output_belongs_to_the_cell_that_started_its_thread(self):
        source = code(
            'new Thread(() -> { try { Thread.sleep(700); } catch (InterruptedException e) { } System.out.println("late"); }).start();',
            # ipykernel 6.17 has no such notion: a parent of the thread's own.
            None,
        )
        request = self.kernel.client.execute(source)
        self.kernel.outputs(request)
        other = self.kernel.client.execute(PRINT.format('"other"'))
        self.assertEqual(text(self.kernel.outputs(other)), "other\n")
        late = self.kernel.outputs(request, timeout=5, until=lambda m: m["msg_type"] == "stream")
        self.assertEqual(text(late), "late\n")

    def test_a_client_that_vanishes_while_output_flows_stops_nothing(self):
        flood = code('for (int i = 0; i < 300_000; i++) System.out.println("line " + i);', "for i in range(300_000): print('line', i)")
        request = self.kernel.client.execute(flood)
        self.kernel.outputs(request, until=lambda m: m["msg_type"] == "stream")
        self.kernel.client.stop_channels()
        self.kernel.connect()
        self.assert_works()


class Interrupting(KernelTest):
    CELLS = {
        "an endless loop": SPIN,
        "a loop of calls": code("while (true) { Math.sin(1); }", "import math\nwhile True: math.sin(1)"),
        "a sleep": code("Thread.sleep(100_000);", "import time; time.sleep(100)"),
        "deep recursion": code(
            "int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\nfib(70);",
            "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(70)",
        ),
        "a lock": code("new java.util.concurrent.CountDownLatch(1).await();", "import threading; threading.Event().wait()"),
        "a loop that catches everything": code("while (true) { try { Thread.sleep(10); } catch (Throwable e) { } }", SPIN),
        "a stream": code("java.util.stream.LongStream.iterate(0, i -> i + 1).filter(i -> i < 0).findFirst();", SPIN),
        "a loop in a lambda": code("Runnable spin = () -> { while (true) { } };\nspin.run();", SPIN),
        "endless printing": code('while (true) System.out.println("x");', "while True: print('x')"),
    }

    def test_an_interrupt_ends_it_within_a_second_and_nothing_burns_on(self):
        self.kernel.run(code("int kept = 41;", "kept = 41"))
        for what, source in self.CELLS.items():
            with self.subTest(what):
                request = self.kernel.client.execute(source)
                self.kernel.outputs(request, until=lambda m: m["msg_type"] == "execute_input")
                time.sleep(0.5)
                begin = time.monotonic()
                self.kernel.manager.interrupt_kernel()
                self.kernel.outputs(request, timeout=10)
                took = time.monotonic() - begin
                self.assertEqual(self.kernel.reply(request)["content"]["status"], "error")
                self.assertLess(took, 1)
                self.assertEqual(self.kernel.run("kept + 1")[0]["status"], "ok")
                # The compiler of the JVM may still be at work, on the kernel itself.
                self.assertLess(min(self.kernel.cpu(1) for _ in range(3)), 15)

    def test_an_interrupt_of_nothing_is_harmless(self):
        self.kernel.manager.interrupt_kernel()
        self.assert_works()

    def test_an_interrupt_drops_the_cells_in_the_queue(self):
        request = self.kernel.client.execute(SPIN)
        queued = self.kernel.client.execute(PRINT.format('"never"'))
        self.kernel.outputs(request, until=lambda m: m["msg_type"] == "execute_input")
        self.kernel.manager.interrupt_kernel()
        self.assertEqual(self.kernel.reply(request)["content"]["status"], "error")
        self.assertEqual(self.kernel.reply(queued)["content"]["status"], "aborted")


class Surviving(KernelTest):
    def test_leaving_the_process_is_refused(self):
        for source in (code("System.exit(3);"), code("Runtime.getRuntime().halt(3);"), code("Runtime.getRuntime().exit(3);")):
            with self.subTest(source):
                reply, _ = self.kernel.run(source)
                self.assertEqual(reply["status"], "error")
                self.assertRegex(reply["evalue"], "exit|halt|restart")
                self.assert_works()

    def test_running_out_of_stack_is_an_error_of_moderate_size(self):
        reply, outputs = self.kernel.run(code("int down(int n) { return 1 + down(n + 1); }\ndown(0)", "def down(n): return 1 + down(n + 1)\ndown(0)"), 30)
        self.assertRegex(reply["ename"], code("StackOverflowError", "RecursionError"))
        self.assertLess(len(json.dumps(outputs[-2]["content"])), 50_000)
        self.assert_works()

    def test_running_out_of_memory_is_an_error(self):
        reply, _ = self.kernel.run(code("var hog = new long[Integer.MAX_VALUE];", "hog = bytes(1 << 62)"), 30)
        self.assertRegex(reply["ename"], code("OutOfMemoryError", "MemoryError|OverflowError"))
        self.assert_works()

    def test_filling_the_memory_is_an_error(self):
        source = code("var all = new java.util.ArrayList<long[]>();\nwhile (true) all.add(new long[50_000_000]);")
        reply, _ = self.kernel.run(source, 60)
        self.assertRegex(reply["ename"], "OutOfMemoryError")
        self.kernel.run("all = null;")
        self.assert_works()

    def test_messages_that_are_not_signed_right_get_no_answer(self):
        for channel in ("shell", "control"):
            with self.subTest(channel), self.kernel.socket(zmq.DEALER, channel) as socket:
                socket.send_multipart(self.kernel.frames("kernel_info_request", {}, key=b"another key"))
                unsigned = self.kernel.frames("kernel_info_request", {})
                unsigned[1] = b""
                socket.send_multipart(unsigned)
                self.assertEqual(socket.poll(1000), 0)
                socket.send_multipart(self.kernel.frames("kernel_info_request", {}))
                self.assertNotEqual(socket.poll(10_000), 0)
                self.assert_works()

    def test_frames_that_are_no_message_are_dropped(self):
        good = self.kernel.frames("kernel_info_request", {})
        sign = Session(key=self.kernel.manager.session.key).sign

        def signed(*parts):
            return [b"<IDS|MSG>", sign(list(parts)), *parts]

        broken = {
            "nothing": [b""],
            "no delimiter": [b"a", b"b", b"c"],
            "no signature": [b"<IDS|MSG>"],
            "too few parts": good[:4],
            "no JSON": signed(b"{", b"{}", b"{}", b"{}"),
            "no UTF-8": signed(b"\xff\xfe", b"{}", b"{}", b"{}"),
            "an empty header": signed(b"{}", b"{}", b"{}", b"{}"),
            "a header that is a list": signed(b"[]", b"{}", b"{}", b"{}"),
            "a header of wrong types": signed(b'{"msg_type": 3, "msg_id": []}', b"{}", b"{}", b"{}"),
            "no content": self.kernel.frames("execute_request", {}),
            "content of wrong types": self.kernel.frames("execute_request", {"code": 3, "silent": "no"}),
            "a cursor beyond the code": self.kernel.frames("complete_request", {"code": "x", "cursor_pos": 99}),
            "deep nesting": signed(good[2], b"{}", b"{}", b'{"a":' * 100_000),
            "many frames": [b"x"] * 10_000,
            "a large frame": signed(good[2], b"{}", b"{}", b'{"a": "' + b"x" * 30_000_000 + b'"}'),
        }
        for channel in ("shell", "control"):
            for what, frames in broken.items():
                with self.subTest(what, channel=channel), self.kernel.socket(zmq.DEALER, channel) as socket:
                    socket.send_multipart(frames)
                    socket.send_multipart(self.kernel.frames("kernel_info_request", {}))
                    deadline, answer = time.monotonic() + 10, []
                    while b"kernel_info_reply" not in b"".join(answer):
                        self.assertNotEqual(socket.poll(max(0, 1000 * (deadline - time.monotonic()))), 0, "no answer after it")
                        answer = socket.recv_multipart()
        self.assert_works()

    def test_an_unknown_request_is_harmless(self):
        for channel in ("shell", "control"):
            with self.kernel.socket(zmq.DEALER, channel) as socket:
                socket.send_multipart(self.kernel.frames("no_such_request", {}))
        self.assert_works()

    def test_a_comm_without_a_target_is_closed(self):
        for kind in ("comm_open", "comm_msg"):
            message = self.kernel.client.session.msg(kind, {"comm_id": kind, "target_name": "none", "data": {}})
            self.kernel.client.shell_channel.send(message)
            outputs = self.kernel.outputs(message["header"]["msg_id"])
            if kind == "comm_open":
                self.assertEqual([m["content"]["comm_id"] for m in outputs if m["msg_type"] == "comm_close"], [kind])
        self.kernel.client.shell_channel.send(self.kernel.client.session.msg("comm_close", {"comm_id": "none", "data": {}}))
        self.assertEqual(self.kernel.ask("comm_info_request", {})["comms"], {})
        self.assert_works()


class Ending(unittest.TestCase):
    def setUp(self):
        self.kernel = Kernel()
        self.addCleanup(self.kernel.close)

    def assert_ends(self, seconds):
        """And leaves none of its processes."""
        self.kernel.manager.provisioner.process.wait(seconds)

    def test_sigterm_ends_it(self):
        os.kill(self.kernel.pid, signal.SIGTERM)
        self.assert_ends(2)

    def test_sigterm_ends_it_while_a_cell_runs(self):
        request = self.kernel.client.execute(SPIN)
        self.kernel.outputs(request, until=lambda m: m["msg_type"] == "execute_input")
        os.kill(self.kernel.pid, signal.SIGTERM)
        self.assert_ends(2)

    def test_a_shutdown_is_answered_and_ends_it(self):
        for restart in (False, True):
            with self.subTest(restart=restart):
                self.assertEqual(self.kernel.ask("shutdown_request", {"restart": restart}, "control"), {"status": "ok", "restart": restart})
                self.assert_ends(2)
                self.kernel = Kernel()
                self.addCleanup(self.kernel.close)

    def test_a_shutdown_ends_it_while_a_cell_runs(self):
        request = self.kernel.client.execute(SPIN)
        self.kernel.outputs(request, until=lambda m: m["msg_type"] == "execute_input")
        self.kernel.ask("shutdown_request", {"restart": False}, "control")
        self.assert_ends(2)

    def test_threads_of_cells_do_not_keep_it(self):
        self.kernel.run(code("new Thread(() -> { while (true) { } }).start();", "import threading; threading.Thread(target=lambda: exec('while True: pass'), daemon=True).start()"))
        self.kernel.ask("shutdown_request", {"restart": False}, "control")
        self.assert_ends(2)


class Asking(KernelTest):
    def test_history_outlives_a_restart(self):
        line = f"1 + {time.time_ns() % 1_000_000_007}"
        self.kernel.run(line)
        self.kernel.client.stop_channels()
        self.kernel.manager.restart_kernel()
        self.kernel.connect()
        for how in ({"hist_access_type": "tail", "n": 10}, {"hist_access_type": "search", "pattern": line[:-1] + "?", "n": 5}):
            with self.subTest(how):
                found = self.kernel.ask("history_request", {"raw": True, "output": False, **how})["history"]
                self.assertEqual([entry[2] for entry in found if entry[2] == line], [line])

    def test_kernel_info_says_what_is_there(self):
        info = self.kernel.ask("kernel_info_request", {})
        self.assertEqual(info["status"], "ok")
        self.assertTrue({"protocol_version", "implementation", "implementation_version", "banner", "language_info"} <= info.keys())
        self.assertTrue({"name", "version", "mimetype", "file_extension"} <= info["language_info"].keys())
        if JAVA:
            self.assertEqual(info["protocol_version"], "5.4")
            self.assertIn("kernel subshells", info["supported_features"])

    def test_completeness(self):
        expected = {
            "1 + 1": "complete",
            code("if (true) {", "if True:"): "incomplete",
            code("int = 3 3;", "1 +* 3"): "invalid",
        }
        for source, status in expected.items():
            with self.subTest(source):
                reply = self.kernel.ask("is_complete_request", {"code": source})
                self.assertEqual(reply["status"], status)
                if status == "incomplete":
                    self.assertRegex(reply["indent"], "^ +$")

    def test_positions_count_characters_and_not_chars(self):
        source = code('String s = "\N{GRINNING FACE}"; s.isBl', 's = "\N{GRINNING FACE}"; s.isal')
        self.kernel.run(code('String s = "";', "s = ''"))
        reply = self.kernel.ask("complete_request", {"code": source, "cursor_pos": len(source)})
        self.assertEqual(source[reply["cursor_start"] : reply["cursor_end"]].rpartition(".")[2], source.rpartition(".")[2])
        self.assertEqual(reply["cursor_end"], len(source))

    def test_completions_tell_types_and_signatures(self):
        source = code('"x".repe')
        reply = self.kernel.ask("complete_request", {"code": source, "cursor_pos": len(source)})
        [found] = reply["metadata"]["_jupyter_types_experimental"]
        self.assertEqual((found["text"], found["type"]), (reply["matches"][0], "function"))
        self.assertIn("int", found["signature"])

    def test_inspection_works_within_and_at_the_end_of_a_name(self):
        source = code("Math.max(1, 2)", "zip(1, 2)")
        for position in (source.index("(") - 1, source.index("(")):
            with self.subTest(position):
                reply = self.kernel.ask("inspect_request", {"code": source, "cursor_pos": position, "detail_level": 0})
                self.assertTrue(reply["found"])
                self.assertIn(source[: source.index("(")].rpartition(".")[2], reply["data"]["text/plain"])
        reply = self.kernel.ask("inspect_request", {"code": "noSuchName", "cursor_pos": 10, "detail_level": 0})
        self.assertEqual((reply["status"], reply["found"]), ("ok", False))

    def test_dates_have_seconds_and_a_zone(self):
        with self.kernel.socket(zmq.DEALER, "shell") as shell, self.kernel.socket(zmq.SUB, "iopub") as iopub:
            iopub.subscribe(b"")
            time.sleep(0.5)
            for _ in range(3):
                shell.send_multipart(self.kernel.frames("execute_request", {"code": "1 + 1", "silent": False, "user_expressions": {}}))
                self.assertNotEqual(shell.poll(10_000), 0)
                received = [shell.recv_multipart()]
                while iopub.poll(300):
                    received.append(iopub.recv_multipart())
                self.assertGreater(len(received), 3)
                for frames in received:
                    header = json.loads(frames[frames.index(b"<IDS|MSG>") + 2])
                    self.assertRegex(header["date"], f"^{DATE.pattern}$", header["msg_type"])

    def test_a_subscriber_is_welcomed(self):
        code("")  # ipykernel 6.17 does not.
        with self.kernel.socket(zmq.SUB, "iopub") as iopub:
            for topic in (b"", b"kernel"):
                iopub.subscribe(topic)
                deadline, welcomed = time.monotonic() + 5, None
                while welcomed is None:
                    self.assertNotEqual(iopub.poll(max(0, 1000 * (deadline - time.monotonic()))), 0, "no welcome")
                    _, rest = self.kernel.manager.session.feed_identities(iopub.recv_multipart())
                    message = self.kernel.manager.session.deserialize(rest)
                    if message["msg_type"] == "iopub_welcome":
                        welcomed = message["content"]
                self.assertEqual(welcomed, {"subscription": topic.decode()})

    def test_subshells_answer_while_a_cell_runs(self):
        running = self.kernel.client.execute(code("Thread.sleep(4000);"))
        self.kernel.outputs(running, until=lambda m: m["msg_type"] == "execute_input")
        begin = time.monotonic()
        created = self.kernel.ask("create_subshell_request", {}, "control")
        self.assertEqual(created["status"], "ok")
        subshell = {"subshell_id": created["subshell_id"]}
        self.assertEqual(self.kernel.ask("list_subshell_request", {}, "control")["subshell_id"], [created["subshell_id"]])
        completed = self.kernel.ask("complete_request", {"code": "Math.hypo", "cursor_pos": 9}, header=subshell)
        self.assertTrue(completed["matches"])
        inspected = self.kernel.ask("inspect_request", {"code": "Math.max", "cursor_pos": 8, "detail_level": 0}, header=subshell)
        self.assertTrue(inspected["found"])
        self.assertEqual(self.kernel.ask("kernel_info_request", {}, header=subshell)["status"], "ok")
        self.assertLess(time.monotonic() - begin, 3)
        self.kernel.outputs(running)
        self.assertEqual(self.kernel.ask("delete_subshell_request", subshell, "control")["status"], "ok")
        self.assertEqual(self.kernel.ask("delete_subshell_request", subshell, "control")["status"], "error")


class Connecting(unittest.TestCase):
    def test_no_key_is_accepted_from_this_machine_only(self):
        code("")
        spec = KernelSpecManager().get_kernel_spec(NAME)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "connection.json")
            ports = {f"{channel}_port": 1024 + number for number, channel in enumerate (("shell", "iopub", "stdin", "control", "hb"))}
            file.write_text(json.dumps({"transport": "tcp", "ip": "0.0.0.0", "key": "", "signature_scheme": "hmac-sha256", **ports}))
            argv = [a.format(connection_file=file, resource_dir=spec.resource_dir) for a in spec.argv]
            refused = subprocess.run(argv, capture_output=True, text=True, timeout=20, env={**os.environ, **spec.env})
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("key", refused.stderr)


if __name__ == "__main__":
    unittest.main()
