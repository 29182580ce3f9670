#!/usr/bin/python3
"""A recorder that the guest plays itself, on a port of dummy_hcd: fake-recorder.py WHAT UDC DISK [key=value]

WHAT      locked     answers cammpro's login over FunctionFS, then comes back as a disk
          composite  a disk and a keyboard in one device
DISK      block device with the card
password  what opens it; `silent=1`: it never answers; `nameless=1`: no strings, like a chip in its boot ROM
delay     seconds between the lock's leaving and the disk's coming

Every control transfer that reaches it is a line in /run/fake.log: `said` and its bytes. `ready` says that it is
plugged in.
"""
import errno
import os
import struct
import subprocess
import sys
import time

CONFIGFS = "/sys/kernel/config/usb_gadget"
FUNCTIONFS = "/run/fake-functionfs"
LOG = "/run/fake.log"

# linux/usb/functionfs.h
DESCRIPTORS_MAGIC_V2, STRINGS_MAGIC = 3, 2
HAS_FULL_SPEED, HAS_HIGH_SPEED, ALL_CONTROL, UNCONFIGURED_TOO = 1, 2, 64, 128
SETUP = 4

# USB HID 1.11, appendix B.1: a boot keyboard.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e7150025017501950881029501750881039505750105081901"
    "29059102950175039103950675081500256505071900296581" "00c0"
)


def note(line):
    with open(LOG, "a") as log:
        log.write(line + "\n")


def put(path, value):
    with open(path, "wb") as file:
        file.write(value if isinstance(value, bytes) else str(value).encode())


class Gadget:
    """One USB device, made but not plugged in."""

    def __init__(self, name, product_id, strings):
        self.at = f"{CONFIGFS}/{name}"
        os.makedirs(f"{self.at}/configs/c.1")
        put(f"{self.at}/idVendor", "0x4255")
        put(f"{self.at}/idProduct", product_id)
        if strings:
            os.mkdir(f"{self.at}/strings/0x409")
            put(f"{self.at}/strings/0x409/manufacturer", "Fake")
            put(f"{self.at}/strings/0x409/product", "Fake recorder")
            put(f"{self.at}/strings/0x409/serialnumber", "123456789ABC")

    def function(self, name):
        path = f"{self.at}/functions/{name}"
        os.mkdir(path)
        return path

    def use(self, function):
        os.symlink(function, f"{self.at}/configs/c.1/{os.path.basename(function)}")

    def storage(self, disk):
        function = self.function("mass_storage.0")
        put(f"{function}/lun.0/removable", 1)
        put(f"{function}/lun.0/file", os.path.realpath(disk))
        self.use(function)

    def keyboard(self):
        function = self.function("hid.0")
        for name, value in [("protocol", 1), ("subclass", 1), ("report_length", 8), ("report_desc", KEYBOARD)]:
            put(f"{function}/{name}", value)
        self.use(function)

    def plug(self, controller):
        put(f"{self.at}/UDC", controller)

    def pull(self):
        put(f"{self.at}/UDC", "\n")


def lock_descriptors():
    """One vendor interface with a pair of bulk endpoints, which nobody uses."""

    def at(packet):
        interface = struct.pack("<9B", 9, 4, 0, 0, 2, 0xFF, 0, 0, 0)
        ends = [struct.pack("<BBBBHB", 7, 5, address, 2, packet, 0) for address in (0x81, 0x02)]
        return interface + b"".join(ends)

    flags = HAS_FULL_SPEED | HAS_HIGH_SPEED | ALL_CONTROL | UNCONFIGURED_TOO
    body = struct.pack("<LL", 3, 3) + at(64) + at(512)
    return struct.pack("<LLL", DESCRIPTORS_MAGIC_V2, 12 + len(body), flags) + body


class Lock:
    """The vendor's side of crates/profile/data/cammpro-mc.toml."""

    def __init__(self, options):
        self.password = options.get("password", "").encode()
        self.silent = "silent" in options
        self.asked = b""
        self.leaving = False

    def open(self, gadget):
        os.makedirs(FUNCTIONFS, exist_ok=True)
        function = gadget.function("ffs.lock")
        subprocess.run(["mount", "-t", "functionfs", "lock", FUNCTIONFS], check=True)
        self.control = os.open(f"{FUNCTIONFS}/ep0", os.O_RDWR)
        os.write(self.control, lock_descriptors())
        os.write(self.control, struct.pack("<LLLL", STRINGS_MAGIC, 16, 0, 0))
        gadget.use(function)

    def serve(self):
        while not self.leaving:
            try:
                event = os.read(self.control, 12)
                if event[8] == SETUP:
                    self.transfer(*struct.unpack("<BBHHH", event[:8]))
            except OSError as error:
                # The other side gave up in the middle, or was kept waiting.
                if error.errno not in (errno.EIDRM, errno.EL2HLT):
                    raise

    def transfer(self, kind, request, value, index, length):
        setup = f"{kind:02x} {request:02x} {value:04x} {index:04x} {length}"
        if kind & 0x80:
            note(f"said {setup}")
            if self.silent:
                # Longer than anybody waits; what is said meanwhile is heard afterwards.
                time.sleep(20)
                return
            os.write(self.control, self.reply()[:length].ljust(length, b"\0"))
        else:
            self.asked = os.read(self.control, length)
            note(f"said {setup} {self.asked.hex()}")

    def reply(self):
        command = self.asked[7:8].hex()
        good = command != "10" or self.asked[9:] == self.password
        self.leaving = command == "51"
        state = b"\x80" if good else b"\x81"
        facts = {"20": b"ABCDE", "30": b"J800001\0\0" + b"0000101", "70": b"\x4b"}
        return self.asked[:6] + state + self.asked[7:9] + facts.get(command, b"")


def main():
    what, controller, disk, *rest = sys.argv[1:]
    options = dict(option.split("=", 1) for option in rest)
    put(LOG, "")
    if what == "composite":
        both = Gadget("fake-composite", "0x1000", True)
        both.storage(disk)
        both.keyboard()
        both.plug(controller)
        note("ready")
        return
    after = Gadget("fake-disk", "0x1000", True)
    after.storage(disk)
    before = Gadget("fake-lock", "0x0001", "nameless" not in options)
    lock = Lock(options)
    lock.open(before)
    before.plug(controller)
    note("ready")
    lock.serve()
    time.sleep(0.2)
    before.pull()
    note("left")
    time.sleep(float(options.get("delay", "1")))
    after.plug(controller)
    note("disk")


main()
