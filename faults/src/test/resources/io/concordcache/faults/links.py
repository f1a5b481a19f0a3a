"""A switch that is slow: passes frames between interfaces late, in another order, or twice.

links.py SEED PORTS LINK…

PORTS are names of interfaces, with commas. A LINK is FROM,TO,LEAST,MOST,TWICE,ORDER: what comes in by FROM leaves by TO
between LEAST and MOST milliseconds later, TWICE per cent of it two times, and in the order in which it came if ORDER is
"kept". What goes by no LINK leaves at once. Says "up" once it passes frames on, and ends with its input, when what waits
has left; then it says how many frames were late, came twice, and were overtaken.
"""

import heapq
import random
import select
import socket
import sys
import time

ALL_PROTOCOLS = 3
SOL_PACKET = 263
VNET_HDR = 15  # frames have checksums and segments that nobody has worked out yet
VNET_HDR_BYTES = 10
IGNORE_OUTGOING = 23
MOST_BYTES = 1 << 17
AT_ONCE = 64


def interface(name):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    opened.setsockopt(SOL_PACKET, VNET_HDR, 1)
    opened.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    opened.bind((name, ALL_PROTOCOLS))
    opened.setblocking(False)
    return opened


class Link:
    def __init__(self, least="0", most="0", twice="0", order="kept"):
        self.least = float(least) / 1e3
        self.most = float(most) / 1e3
        self.twice = float(twice) / 100
        self.is_kept = order == "kept"
        self.last_due = 0.0
        self.taken = 0
        self.newest_left = 0

    def due(self, now):
        due = now + random.uniform(self.least, self.most)
        if self.is_kept:
            self.last_due = due = max(due, self.last_due)
        return due


class Switch:
    def __init__(self, ports, links):
        self.ports = {name: interface(name) for name in ports}
        self.links = {(a, b): Link() for a in ports for b in ports if a != b}
        for link in links:
            source, target, *how = link.split(",")
            self.links[source, target] = Link(*how)
        self.known = {}
        self.waiting = []
        self.late = self.twice = self.overtaken = 0

    def take(self, source, frame, now):
        address = frame[VNET_HDR_BYTES:VNET_HDR_BYTES + 6]
        self.known[frame[VNET_HDR_BYTES + 6:VNET_HDR_BYTES + 12]] = source
        target = self.known.get(address)
        for each in self.ports if target is None else [target]:
            if each != source:
                self.delay(self.links[source, each], each, frame, now)

    def delay(self, link, target, frame, now):
        link.taken += 1
        copies = 2 if random.random() < link.twice else 1
        self.twice += copies - 1
        self.late += link.most > 0
        for copy in range(copies):
            heapq.heappush(self.waiting, (link.due(now), link.taken, id(link), copy, link, target, frame))

    def send(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, number, _, copy, link, target, frame = heapq.heappop(self.waiting)
            self.overtaken += copy == 0 and number < link.newest_left
            link.newest_left = max(link.newest_left, number)
            try:
                self.ports[target].send(frame)
            except OSError:
                pass  # a full queue, or a host that is gone: lost, as by any switch

    def receive(self, source):
        for _ in range(AT_ONCE):
            try:
                frame = self.ports[source].recv(MOST_BYTES)
            except OSError:
                return
            self.take(source, frame, time.monotonic())

    def run(self):
        names = {opened.fileno(): name for name, opened in self.ports.items()}
        poll = select.poll()
        for each in [*names, sys.stdin.fileno()]:
            poll.register(each, select.POLLIN)
        print("up", flush=True)
        is_open = True
        while is_open or self.waiting:
            wait = max(0, (self.waiting[0][0] - time.monotonic()) * 1e3) if self.waiting else None
            for ready, _ in poll.poll(wait):
                if ready in names:
                    self.receive(names[ready])
                else:  # its input ended
                    is_open = False
                    for each in [*names, sys.stdin.fileno()]:
                        poll.unregister(each)
                    break
            self.send(time.monotonic())
        print(self.late, "late,", self.twice, "twice,", self.overtaken, "overtaken", flush=True)


random.seed(int(sys.argv[1]))
Switch(sys.argv[2].split(","), sys.argv[3:]).run()
