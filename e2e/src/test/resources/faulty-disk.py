"""A disk that does what it is told: a file of FUSE, on which a loop device can be set up (Linux, include/uapi/linux/fuse.h).

Its content is that of the file in the first argument, and the file is "disk" in the directory of the second. Each line on standard
input is how it behaves from then on, and its first word is said again when it does: "works", "hangs" (what is asked meanwhile is
answered later), "takes-no-writes", "fails" (EIO), and "fails-in" with places as "12288-16384", of which none can be read. It ends
with its input, and whoever waits for it gets an error then.
"""
import ctypes
import errno
import os
import select
import struct
import sys

LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH, INIT, INTERRUPT, BATCH_FORGET = (
    1, 2, 3, 14, 15, 16, 18, 20, 25, 26, 36, 42)
DIRECTORY, DISK = 1, 2
HEADER_BYTES, WRITE_BYTES, LARGEST_WRITE = 40, 80, 128 << 10
CACHED_SECONDS, DIRECT_IO, BIG_WRITES = 3600, 1, 1 << 5
FAILING = {'works': (), 'takes-no-writes': (WRITE, FSYNC), 'fails': (READ, WRITE, FSYNC)}

content = os.open(sys.argv[1], os.O_RDWR)
size = os.fstat(content).st_size
fuse = os.open('/dev/fuse', os.O_RDWR)
behaviour, bad_places, waiting = 'works', [], []


def mount():
    libc = ctypes.CDLL(None, use_errno=True)
    options = 'fd=%d,rootmode=40000,user_id=0,group_id=0' % fuse
    if libc.mount(b'faulty-disk', sys.argv[2].encode(), b'fuse', 0, options.encode()) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))


def attributes(node):
    mode, length = (0o40700, 0) if node == DIRECTORY else (0o100600, size)
    return struct.pack('<6Q10I', node, length, *[0] * 7, mode, 1, 0, 0, 0, 4096, 0)


def reply(unique, error, body=b''):
    try:
        os.write(fuse, struct.pack('<IiQ', 16 + len(body), -error, unique) + body)
    except OSError as e:
        # Whoever asked has been interrupted.
        if e.errno != errno.ENOENT:
            raise


def serve(request):
    _, code, unique, node = struct.unpack_from('<IIQQ', request)
    if code in (FORGET, INTERRUPT, BATCH_FORGET):
        return
    if behaviour == 'hangs' and code in (READ, WRITE, FSYNC):
        waiting.append(request)
    elif code in FAILING.get(behaviour, ()) or code == READ and behaviour == 'fails-in' and is_bad(request):
        reply(unique, errno.EIO)
    else:
        reply(unique, *answer(request, code, node))


def is_bad(request):
    _, offset, length = struct.unpack_from('<2QI', request, HEADER_BYTES)
    return any(begin < offset + length and offset < end for begin, end in bad_places)


def answer(request, code, node):
    if code == INIT:
        ahead = struct.unpack_from('<3I', request, HEADER_BYTES)[2]
        return 0, struct.pack('<4I2H2I2H8I', 7, 31, ahead, BIG_WRITES, 16, 12, LARGEST_WRITE, 1, 32, 0, *[0] * 8)
    if code == LOOKUP:
        if request[HEADER_BYTES:].rstrip(b'\0') != b'disk':
            return (errno.ENOENT,)
        return 0, struct.pack('<4Q2I', DISK, 0, CACHED_SECONDS, CACHED_SECONDS, 0, 0) + attributes(DISK)
    if code == GETATTR:
        return 0, struct.pack('<Q2I', CACHED_SECONDS, 0, 0) + attributes(node)
    if code == OPEN:
        return 0, struct.pack('<Q2I', 0, DIRECT_IO, 0)
    if code == READ:
        _, offset, length = struct.unpack_from('<2QI', request, HEADER_BYTES)
        return 0, os.pread(content, length, offset)
    if code == WRITE:
        _, offset, length = struct.unpack_from('<2QI', request, HEADER_BYTES)
        return 0, struct.pack('<2I', os.pwrite(content, request[WRITE_BYTES:WRITE_BYTES + length], offset), 0)
    return (0,) if code in (RELEASE, FSYNC, FLUSH) else (errno.ENOSYS,)


mount()
print('mounted', flush=True)
while True:
    ready, _, _ = select.select([fuse, sys.stdin], [], [])
    if sys.stdin in ready:
        words = sys.stdin.readline().split()
        if not words:
            break
        behaviour = words[0]
        bad_places = [tuple(map(int, place.split('-'))) for place in words[1:]]
        late, waiting = waiting, []
        for request in late:
            serve(request)
        print(behaviour, flush=True)
    elif fuse in ready:
        try:
            serve(os.read(fuse, 1 << 20))
        except OSError as e:
            # ENODEV: it was unmounted.
            if e.errno not in (errno.ENOENT, errno.EINTR):
                break
