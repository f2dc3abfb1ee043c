#!/usr/bin/env python3
"""tests/timeline.py FILE: whether a timeline (JANUS_TRACE) is well formed. Prints how many tasks and workers it shows."""
import json
import sys

events = json.load(open(sys.argv[1]))
faults = []
slices, tasks, starts, ends = {}, set(), {}, {}
for event in events:
    if event["ph"] == "X":
        slices.setdefault(event["tid"], []).append((event["ts"], event["dur"], event["name"]))
        tasks.add(event["args"]["task"])
        if not event["name"] or not event["args"]["until"]:
            faults.append(f"a slice without a name or an end: {event}")
    elif event["ph"] in "sf":
        (starts if event["ph"] == "s" else ends).setdefault(event["id"], []).append(event["ts"])
    elif event["ph"] != "M":
        faults.append(f"an unknown event: {event}")
for worker, of in slices.items():
    of.sort()
    for (ts, dur, name), (after, _, other) in zip(of, of[1:]):
        if ts + dur > after + 0.0005:
            faults.append(f"worker {worker}: {name} at {ts} for {dur} overlaps {other} at {after}")
for flow, times in ends.items():
    if len(times) != 1 or len(starts.get(flow, [])) != 1:
        faults.append(f"arrow {flow} has {len(starts.get(flow, []))} beginnings and {len(times)} ends")
    elif starts[flow][0] > times[0] + 0.0005:
        faults.append(f"arrow {flow} ends before it begins")
for fault in faults[:10]:
    print(fault)
named = sum(1 for event in events if event.get("name") == "thread_name")
if named != len(slices):
    print(f"{named} workers have names, {len(slices)} have slices")
print(f"{len(tasks)} tasks, arrows: {'yes' if ends else 'no'}")
