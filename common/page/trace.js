// SPDX-License-Identifier: MIT
// The page of --trace. Its data are the records of common/trace.h, in the order of time: what a
// record's a, b and v are is told there. First they are read; then come what the page shows of
// one moment, the timeline, and at the end who may move it.
"use strict";

const EXIT = 1, LINE = 2, MESSAGE = 3, PIC = 4, INJECT = 5, KICK = 6, POP = 7, PIECE = 8, PUSH = 9,
	CALL = 10, STATUS = 11, QUEUE = 12, WORK = 13;
const $ = id => document.getElementById(id);
const film = JSON.parse($("film").textContent);
const theme = location.search.match(/[?&](dark|light)/);
if (theme)
	document.documentElement.dataset.theme = theme[1];

// --- the records ---

const raw = (() => {
	const text = atob($("records").textContent), bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		bytes[i] = text.charCodeAt(i);
	return new DataView(bytes.buffer);
})();
const N = film.records;
const startLow = Number(BigInt(film.start) & 0xffffffffn), startHigh = Number(BigInt(film.start) >> 32n);
const type = i => raw.getUint8(64 * i + 8);
const thread = i => raw.getUint8(64 * i + 9);
const a = i => raw.getUint16(64 * i + 10, true);
const b = i => raw.getUint32(64 * i + 12, true);
const low = (i, n) => raw.getUint32(64 * i + 16 + 8 * n, true);
const v = (i, n) => raw.getBigUint64(64 * i + 16 + 8 * n, true);
const span = (i, n) => Number(v(i, n)) * film.nsPerTick;

// Nanoseconds from the film's start: when it was, when it began (of an exit: in the guest), ended.
const at = new Float64Array(N), begun = new Float64Array(N), ended = new Float64Array(N);
const exits = [], byThread = film.threads.map(() => []), pics = [], lines = [];
const queues = new Map(), requests = [], device = {};
for (let i = 0; i < N; i++) {
	const t = type(i);
	at[i] = ((raw.getUint32(64 * i + 4, true) - startHigh) * 4294967296 +
		 (raw.getUint32(64 * i, true) - startLow)) * film.nsPerTick;
	begun[i] = t === EXIT ? at[i] - span(i, 0) : at[i];
	ended[i] = at[i] + (t === EXIT ? span(i, 1) : t === KICK || t === WORK ? span(i, 0) : 0);
	if (t === EXIT || t === WORK)
		byThread[thread(i)].push(i);
	if (t === EXIT)
		exits.push(i);
	else if (t === PIC)
		pics.push(i);
	else if (t === LINE || t === MESSAGE || t === INJECT)
		lines.push(i);
	else if (t >= KICK && t <= QUEUE)
		virtio(i, t);
}
function virtio(i, t) {
	if (t === STATUS) {
		device[a(i)] = Number(v(i, 0));
		return;
	}
	if (t === CALL) {
		for (let n = requests.length; n-- > 0 && n > requests.length - 300;)
			if (requests[n].window === a(i) && requests[n].push !== undefined)
				requests[n].call ??= i;
		return;
	}
	const key = a(i) * 16 + (b(i) & 15);
	if (!queues.has(key))
		queues.set(key, { window: a(i), queue: b(i) & 15, steps: [], requests: [] });
	const q = queues.get(key);
	if (t === KICK) {
		q.kick = i;
	} else if (t === POP) {
		const request = { window: a(i), queue: b(i), head: low(i, 0), kick: q.kick, pop: i, pieces: [] };
		q.requests.push(request);
		requests.push(request);
	} else if (t === PIECE) {
		q.requests[q.requests.length - 1]?.pieces.push(i);
	} else if (t === PUSH) {
		const request = q.requests.findLast(r => r.head === low(i, 0) && r.push === undefined);
		if (request)
			request.push = i;
	}
	if (t === POP || t === PUSH || t === QUEUE)
		q.steps.push(i);
}
const END = N ? ended.reduce((x, y) => Math.max(x, y), 1) : 1;

// The number of entries of list that are at most the record i, which is sorted.
function upTo(list, i) {
	let from = 0, to = list.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (list[middle] <= i)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}
// The first record of the list that ends after t.
function firstAfter(list, t) {
	let from = 0, to = list.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (ended[list[middle]] <= t)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

// --- in words ---

const hex = n => "0x" + n.toString(16);
const duration = ns => ns < 1e3 ? ns.toFixed(0) + " ns" : ns < 1e6 ? (ns / 1e3).toFixed(1) + " µs" :
	ns < 1e9 ? (ns / 1e6).toFixed(2) + " ms" : (ns / 1e9).toFixed(3) + " s";
const escape = text => text.replace(/[&<>"]/g, c => "&#" + c.charCodeAt(0) + ";");
const DEVICES = ["device", "net", "blk", "console", "rng"];
const deviceName = window => (DEVICES[device[window] ?? 0] ?? "device") + " " + window;
const MMIO = { 0: "MagicValue", 4: "Version", 8: "DeviceID", 12: "VendorID", 16: "DeviceFeatures",
	20: "DeviceFeaturesSel", 32: "DriverFeatures", 36: "DriverFeaturesSel", 48: "QueueSel",
	52: "QueueNumMax", 56: "QueueNum", 68: "QueueReady", 80: "QueueNotify", 96: "InterruptStatus",
	100: "InterruptACK", 112: "Status", 128: "QueueDescLow", 132: "QueueDescHigh",
	144: "QueueDriverLow", 148: "QueueDriverHigh", 160: "QueueDeviceLow", 164: "QueueDeviceHigh",
	252: "ConfigGeneration" };
const PORTS = [[0x20, 2, "8259 master"], [0xa0, 2, "8259 slave"], [0x4d0, 2, "8259 ELCR"], [0x40, 4, "timer"],
	[0x61, 1, "timer"], [0xe0, 4, "trigger"], [0xe4, 4, "doorbell"], [0xe9, 1, "console"],
	[0xf4, 1, "exit device"], [0xf8, 1, "trap of shadow paging"], [0x3f8, 8, "UART"]];

function place(i) {
	const address = Number(v(i, 3));
	if (a(i) < 2)
		return PORTS.find(([from, n]) => address >= from && address < from + n)?.[2] ?? "";
	if (address >= 0xfeb00000 && address < 0xfeb01000) {
		const window = (address - 0xfeb00000) >> 9, off = address & 0x1ff;
		return (MMIO[off] ?? (off >= 256 ? "configuration" : "")) + " of window " + window;
	}
	if (address >= 0xb8000 && address < 0xc0000)
		return "text screen";
	return address >= 0xfea00000 && address < 0xfea00008 ? "doorbell" : "";
}
const hasRip = i => (raw.getUint8(64 * i + 16 + 45) & 1) === 1;
const size = i => raw.getUint8(64 * i + 16 + 44);
const data = i => "0x" + v(i, 4).toString(16).padStart(2 * size(i), "0");
const kind = i => film.kinds[a(i)] ?? "OTHER";
const codeOf = i => hasRip(i) ? film.code[v(i, 2).toString(16)] : undefined;

function label(i) {
	switch (type(i)) {
	case EXIT:
		if (a(i) > 3)
			return kind(i) + (a(i) === 11 ? " reason " + low(i, 5) : "");
		return kind(i) + " " + hex(v(i, 3)) + " " + data(i) + (b(i) > 1 ? " (" + b(i) + " times)" : "");
	case LINE:
		return "line " + a(i) + " " + ["low", "high", "edge"][b(i)];
	case MESSAGE:
		return "message " + hex(v(i, 0)) + ": " + hex(v(i, 1));
	case INJECT:
		return ["interrupt ", "NMI ", "exception "][b(i)] + hex(a(i)) + " injected";
	case WORK:
		return film.threads[thread(i)] + " works";
	}
	return "";
}

// --- what the page shows of one moment ---

let chosen = exits.length ? exits[0] : -1, track = 0;

function row(name, value) {
	return "<tr><th scope=row>" + name + "<td>" + value;
}
function describe(i) {
	if (i < 0)
		return "<p>There was no exit.";
	let html = "<p><b>" + escape(label(i)) + "</b> <span class=soft>" + escape(type(i) === EXIT && a(i) < 4 ? place(i) : "") +
		"</span><table>";
	if (type(i) === EXIT) {
		html += row("Exit", (upTo(exits, i)).toLocaleString("en") + " of " + exits.length.toLocaleString("en") + ", " + film.threads[thread(i)]) +
			row("Came", duration(at[i]) + " after the start") +
			row("In KVM_RUN", duration(at[i] - begun[i])) + row("In the VMM", duration(ended[i] - at[i]));
		if (a(i) < 4)
			html += row(a(i) < 2 ? "Port" : "Address", "<code>" + hex(v(i, 3)) + "</code>") +
				row("Size, data", size(i) + ", <code>" + data(i) + "</code>");
		if (hasRip(i))
			html += row("RIP", "<code>" + hex(v(i, 2)) + "</code>");
		const inside = [];
		for (let n = i + 1; n < N && at[n] <= ended[i] && inside.length < 12; n++)
			if (thread(n) === thread(i) && label(n) && type(n) !== EXIT)
				inside.push(escape(label(n)));
		if (inside.length)
			html += row("Then", inside.join("<br>"));
	} else {
		html += row("When", duration(at[i]) + " after the start") + row("Until", duration(ended[i])) +
			row("Thread", film.threads[thread(i)]);
	}
	return html + "</table>";
}
function showCode(i) {
	const lines = i >= 0 && type(i) === EXIT ? codeOf(i) : undefined;
	if (!lines)
		return "<p class=soft>Nothing is known of the guest's code here.";
	const behind = a(i) === 3 ? "<p class=soft>Of a write to memory, KVM mostly shows what comes behind it." : "";
	return "<h3>The guest's code</h3>" + behind + "<table class=mono>" + lines.map(([address, bytes, text], n) =>
		"<tr" + (n ? "" : " class=now") + "><td>" + address + "<td>" + bytes + "<td>" + escape(text.replace(/0x0+(?=[0-9A-F])/g, "0x"))).join("") + "</table>";
}

const REGISTERS = [["IRR", 0, "asks"], ["ISR", 1, "is served"], ["IMR", 2, "is masked"], ["lines", 3, "is high"], ["ELCR", 4, "by level"]];
function picAt(i) {
	const n = upTo(pics, i);
	return n ? pics[n - 1] : -1;
}
function endOf(i) { // the last record of this exit's thread that is part of it
	if (i < 0 || type(i) !== EXIT)
		return i;
	let last = i;
	for (let n = i + 1; n < N && begun[n] <= ended[i]; n++)
		if (thread(n) === thread(i) && type(n) !== EXIT)
			last = n;
	return last;
}
function showPic(i, after) {
	const before = picAt(i), now = picAt(after);
	if (now < 0)
		return "<p class=soft>" + (pics.length ? "Not touched so far." : "Nothing was recorded: this machine has none of its own (in labs 02 and 03 there is none, with --irqchip=kernel it is KVM's).");
	const byte = (n, chip, at) => n < 0 ? 0 : raw.getUint8(64 * n + 16 + 8 * chip + at);
	let html = "<p>As it stood when this exit had been handled; framed is what it has changed.<table class=bits><tr><th scope=col>line";
	for (let n = 0; n < 16; n++)
		html += "<th scope=col>" + n;
	for (const [name, offset, means] of REGISTERS) {
		html += "<tr><th scope=row title='" + means + "'>" + name;
		for (let n = 0; n < 16; n++) {
			const on = byte(now, n >> 3, offset) >> (n & 7) & 1, was = byte(before, n >> 3, offset) >> (n & 7) & 1;
			html += "<td class='" + (on ? "on " : "") + (on !== was && before !== now ? "changed" : "") + "'>" + (on ? 1 : "·");
		}
	}
	return html + "</table><p class=soft>Vectors from " + hex(byte(now, 0, 5)) + " and " + hex(byte(now, 1, 5)) +
		". IRR: asks; ISR: is served; IMR: is masked.";
}

function pieces(request) {
	return request.pieces.map(p => "<tr><td>" + (b(p) >> 16 ? "writable" : "readable") + "<td><code>" + hex(v(p, 0)) + "</code><td class=n>" + v(p, 1)).join("");
}
function showRequest(request) {
	const p = request.pop;
	let html = "<h3>Request, head " + request.head + "</h3><table>" + row("Taken", duration(at[p])) +
		(request.push === undefined ? row("Given back", "not yet, or never") : row("Given back", duration(at[request.push]) + ", " + v(request.push, 1) + " bytes written")) +
		(request.call === undefined ? "" : row("Interrupt", duration(at[request.call])));
	if (device[request.window] === 2)
		html += row("Asks for", (["read", "write", , , "flush", , , , "id", , , "discard", , "write zeroes"][low(p, 3)] ?? "type " + low(p, 3)) + " at sector " + v(p, 4));
	return html + "</table><table><tr><th scope=col>piece<th scope=col>guest-physical<th scope=col class=n>bytes" + pieces(request) + "</table>";
}
function showQueue(q, i, after) {
	const name = deviceName(q.window) + ", queue " + q.queue, n = upTo(q.steps, after);
	if (!n)
		return "<h3>" + name + "</h3><p class=soft>Not set up so far.";
	let s = n - 1;
	while (s >= 0 && type(q.steps[s]) === QUEUE)
		s--;
	let html = "<h3>" + name + "</h3>";
	if (s < 0)
		return html + "<p>Ready, and nothing has been asked for so far.";
	const step = q.steps[s], o = 64 * step + 16 + 40;
	const [avail, taken, used, count] = [0, 2, 4, 6].map(x => raw.getUint16(o + x, true));
	html += "<p>The driver has offered " + avail + ", taken " + taken + ", given back " + used + " <span class=soft>(16 bits, they wrap)</span>.<div class=ring role=img aria-label='" +
		((avail - taken) & 0xffff) + " wait, " + ((taken - used) & 0xffff) + " are being served'>";
	for (let c = 0; c < Math.min(count, 256); c++) {
		const ahead = (c - used % count + count) % count, flies = (taken - used) & 0xffff, waits = (avail - used) & 0xffff;
		html += "<i class='" + (ahead < flies ? "flies" : ahead < waits ? "waits" : "") + "'></i>";
	}
	html += "</div>";
	const last = q.requests.findLast(r => r.pop <= after);
	return html + (last ? showRequest(last) : "");
}
function showQueues(i, after) {
	if (!queues.size)
		return "<p class=soft>Nothing was recorded: there was no virtio device that was used.";
	return [...queues.values()].sort((x, y) => x.window - y.window || x.queue - y.queue).map(q => showQueue(q, i, after)).join("");
}

function show() {
	const after = endOf(chosen);
	$("what").innerHTML = describe(chosen);
	$("code").innerHTML = showCode(chosen);
	$("pic-state").innerHTML = showPic(chosen, after);
	$("queue-state").innerHTML = showQueues(chosen, after);
	draw();
}

// --- the whole run ---

const counts = film.kinds.map(() => ({ n: 0, guest: 0, vmm: 0 }));
for (const i of exits) {
	const c = counts[a(i)];
	c.n++;
	c.guest += at[i] - begun[i];
	c.vmm += ended[i] - at[i];
}
const dot = k => "<span class=dot style='background:var(--k" + k + ")'></span>";
function showReasons() {
	let html = "<table><tr><th scope=col>reason<th scope=col class=n>count<th scope=col class=n>in KVM_RUN<th scope=col class=n>in the VMM";
	counts.map((c, k) => [c, k]).filter(([c]) => c.n).sort((x, y) => y[0].n - x[0].n).forEach(([c, k]) =>
		html += "<tr><td>" + dot(k) + "<button data-kind=" + k + " title='The next one'>" + film.kinds[k] + "</button><td class=n>" + c.n.toLocaleString("en") +
			"<td class=n>" + duration(c.guest) + "<td class=n>" + duration(c.vmm));
	$("table").innerHTML = html + "</table>";
}
// How far the guest had come, and the exits from stage to stage; a button leads to the exit.
function showStages() {
	let html = "<table><tr><th scope=col>reached<th scope=col class=n>after<th scope=col class=n>exits so far", before = 0;
	film.stages.forEach(([name, i, ns], n) => {
		const done = n ? upTo(exits, i) : 0, since = {};
		for (const e of exits.slice(before, done))
			since[a(e)] = (since[a(e)] ?? 0) + 1;
		const parts = Object.entries(since).sort((p, q) => q[1] - p[1]).map(([k, count]) => count.toLocaleString("en") + " " + film.kinds[k]);
		html += "<tr><td><button data-stage=" + i + " title='This exit'>" + escape(name) + "</button><td class=n>" + duration(ns) +
			"<td class=n>" + done.toLocaleString("en");
		if (parts.length)
			html += "<tr class=since><td colspan=3>" + parts.join(", ");
		before = done;
	});
	$("stage-table").innerHTML = film.stages.length ? html + "</table>" : "<p class=soft>There was no exit.";
}
// What a trip through KVM costs by itself cannot be seen from here; but the shortest trips do
// nearly nothing else.
function showSplit() {
	const trips = Float64Array.from(exits, i => at[i] - begun[i]).sort();
	const least = trips.length ? trips[Math.floor(trips.length / 100)] : 0;
	let inside = 0, kvm = 0, vmm = 0;
	for (const i of exits) {
		inside += at[i] - begun[i];
		kvm += Math.min(at[i] - begun[i], least);
		vmm += ended[i] - at[i];
	}
	const parts = [["guest", inside - kvm, "var(--guest)"], ["KVM", kvm, "var(--k5)"], ["VMM", vmm, "var(--k1)"]], all = inside + vmm || 1;
	$("split").innerHTML = "<div class=split role=img aria-label='" + parts.map(([n, t]) => n + " " + (100 * t / all).toFixed(0) + "%").join(", ") + "'>" +
		parts.map(([, t, c]) => "<span style='flex:" + t / all + ";background:" + c + "'></span>").join("") + "</div><table>" +
		parts.map(([n, t, c]) => "<tr><td><span class=dot style='background:" + c + "'></span>" + n + "<td class=n>" + duration(t) + "<td class=n>" + (100 * t / all).toFixed(1) + "%").join("") +
		"</table><p class=soft>Guest and KVM are both inside KVM_RUN. KVM's part is an estimate: one exit in a hundred took " + duration(least) + " or less there, which is nearly all KVM's.";
}

// --- the timeline ---

const canvas = $("line"), over = $("over"), context = canvas.getContext("2d"), small = over.getContext("2d");
const ROW = 36, RULER = 20;
const tracks = [];
byThread.forEach((list, n) => list.length && tracks.push({ name: film.threads[n], list, paint: paintThread }));
if (lines.length || pics.length)
	tracks.push({ name: "interrupts", list: lines, paint: paintLines });
for (const q of [...queues.values()].sort((x, y) => x.window - y.window || x.queue - y.queue))
	tracks.push({ name: deviceName(q.window) + " queue " + q.queue, list: q.requests.map(r => r.pop), queue: q, paint: paintQueue });
let from = 0, to = END, width = 100;
const x = t => (t - from) / (to - from) * width;
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name);
let colours = {};
function readColours() {
	for (const name of ["--text", "--soft", "--edge", "--guest", "--pick", "--accent", "--back", "--on", ...film.kinds.map((_, k) => "--k" + k)])
		colours[name] = colour(name);
}

// Of what is narrower than a pixel, one for each pixel is drawn.
function paintThread(list, top) {
	let drawn = -1;
	for (let n = firstAfter(list, from); n < list.length && begun[list[n]] <= to; n++) {
		const i = list[n], right = x(ended[i]);
		if (right < drawn)
			continue;
		const middle = x(at[i]), left = x(begun[i]);
		if (type(i) === EXIT && middle - left > .3) {
			context.fillStyle = colours["--guest"];
			context.fillRect(left, top + 16, middle - left, 16);
			if (middle - left > 60)
				writeIn("guest", left, middle, top + 28, "--text");
		}
		context.fillStyle = colours[type(i) === EXIT ? "--k" + a(i) : "--k9"];
		context.fillRect(middle, top + 16, Math.max(right - middle, 1), 16);
		if (right - middle > 60)
			writeIn(label(i), middle, right, top + 28, "--on");
		drawn = Math.floor(right) + .5;
	}
}
function writeIn(text, left, right, y, ink) {
	left = Math.max(left, 0);
	right = Math.min(right, width);
	context.save();
	context.beginPath();
	context.rect(left, y - 12, right - left, 16);
	context.clip();
	context.fillStyle = colours[ink];
	context.fillText(text, left + 4, y);
	context.restore();
}
// Points where a line changes or something is injected; bars while it is in service.
function paintLines(list, top) {
	context.fillStyle = colours["--k5"];
	pics.forEach((i, n) => {
		const until = n + 1 < pics.length ? at[pics[n + 1]] : END;
		if (until < from || at[i] > to || !(raw.getUint8(64 * i + 17) | raw.getUint8(64 * i + 25)))
			return;
		context.fillRect(x(at[i]), top + 22, Math.max(x(until) - x(at[i]), 1), 10);
	});
	let drawn = -1;
	for (let n = firstAfter(list, from - 1); n < list.length && at[list[n]] <= to; n++) {
		const i = list[n], here = x(at[i]);
		if (here < drawn)
			continue;
		context.fillStyle = colours[type(i) === INJECT ? "--pick" : "--text"];
		context.fillRect(here, top + (type(i) === LINE && !b(i) ? 24 : 16), 1.5, 10);
		drawn = here + 1;
	}
}
function paintQueue(list, top, t) {
	let drawn = [-1, -1, -1];
	for (const r of t.queue.requests) {
		const end = r.push === undefined ? END : at[r.push];
		if (end < from || at[r.pop] > to)
			continue;
		const left = x(at[r.pop]), right = Math.max(x(end), left + 1), lane = drawn.findIndex(d => d <= left);
		if (lane < 0)
			continue;
		context.fillStyle = colours["--k3"];
		context.fillRect(left, top + 16 + 6 * lane, right - left, 5);
		drawn[lane] = right;
	}
}
// From the notification to the request to its interrupt.
function paintFlow() {
	const n = tracks.findIndex(t => t.queue), q = chosen < 0 ? -1 : chosen, cpu = RULER + 30;
	if (n < 0)
		return;
	for (const r of requests) {
		if (!(r.pop === q || (r.kick !== undefined && type(q) === EXIT && at[r.kick] >= at[q] && at[r.kick] <= ended[q] && thread(r.kick) === thread(q))))
			continue;
		const t = tracks.findIndex(t => t.queue && t.queue.window === r.window && t.queue.queue === r.queue), y = RULER + t * ROW + 18;
		context.strokeStyle = colours["--pick"];
		context.lineWidth = 1.5;
		context.beginPath();
		context.moveTo(x(at[r.kick ?? r.pop]), cpu);
		context.lineTo(x(at[r.pop]), y);
		if (r.push !== undefined)
			context.lineTo(x(at[r.push]), y);
		if (r.call !== undefined)
			context.lineTo(x(at[r.call]), cpu);
		context.stroke();
	}
}
function ruler() {
	const wanted = (to - from) / Math.max(width / 110, 1), power = 10 ** Math.floor(Math.log10(wanted));
	const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= wanted);
	context.fillStyle = colours["--soft"];
	for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
		context.fillRect(x(t), 0, 1, RULER - 4);
		context.fillText(duration(t), x(t) + 3, 12);
	}
}
function sizeOf(c, height) {
	const ratio = devicePixelRatio || 1;
	width = c.clientWidth || 300;
	c.style.height = height + "px";
	c.width = width * ratio;
	c.height = height * ratio;
	c.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}
let density;
function drawOver() {
	sizeOf(over, 28);
	if (density?.length !== Math.ceil(width)) {
		density = new Float64Array(Math.ceil(width));
		for (const i of exits)
			density[Math.min(Math.floor(at[i] / END * width), density.length - 1)]++;
	}
	const most = density.reduce((p, q) => Math.max(p, q), 1);
	small.fillStyle = colours["--k1"];
	density.forEach((n, px) => n && small.fillRect(px, 26 - 22 * Math.log1p(n) / Math.log1p(most), 1, 24));
	small.strokeStyle = colours["--pick"];
	small.lineWidth = 2;
	small.strokeRect(from / END * width + 1, 1, Math.max((to - from) / END * width - 2, 3), 26);
}
function draw() {
	if (!film.kinds || !canvas.clientWidth)
		return;
	readColours();
	drawOver();
	sizeOf(canvas, RULER + Math.max(tracks.length, 1) * ROW + 4);
	context.font = "12px system-ui, sans-serif";
	ruler();
	tracks.forEach((t, n) => {
		const top = RULER + n * ROW;
		context.fillStyle = colours["--edge"];
		context.fillRect(0, top, width, 1);
		context.fillStyle = n === track ? colours["--accent"] : colours["--soft"];
		context.fillText(t.name, 4, top + 12);
		t.paint(t.list, top, t);
	});
	if (chosen >= 0) {
		context.strokeStyle = colours["--pick"];
		context.lineWidth = 2;
		context.strokeRect(x(begun[chosen]) - 1, RULER + track * ROW + 15, Math.max(x(ended[chosen]) - x(begun[chosen]), 2) + 2, 18);
		paintFlow();
	}
}

// --- moving ---

function look(f, t) {
	const span = Math.min(Math.max(t - f, 50), END);
	from = Math.min(Math.max(f, 0), END - span);
	to = from + span;
	draw();
}
function zoom(factor, around) {
	const middle = around ?? (chosen >= 0 && at[chosen] >= from && at[chosen] <= to ? at[chosen] : (from + to) / 2);
	look(middle - (middle - from) * factor, middle + (to - middle) * factor);
}
function choose(i) {
	if (i === undefined || i < 0)
		return;
	chosen = i;
	const n = tracks.findIndex(t => t.list.includes && t.list[upTo(t.list, i) - 1] === i);
	if (n >= 0)
		track = n;
	if (type(i) === EXIT)
		history.replaceState(null, "", "#" + upTo(exits, i));
	if (begun[i] < from || ended[i] > to) {
		const span = Math.max(to - from, (ended[i] - begun[i]) * 3);
		from = Math.max(Math.min(at[i] - span / 2, END - span), 0);
		to = Math.min(from + span, END);
	}
	show();
}
function step(by) {
	const list = tracks[track]?.list ?? [], n = upTo(list, chosen) - 1;
	if (list[n] === chosen)
		choose(list[n + by]);
	else
		choose(list[Math.max(by > 0 ? n + 1 : n, 0)]);
}
function nearest(list, t) {
	let n = firstAfter(list, t);
	if (n >= list.length)
		n = list.length - 1;
	if (n > 0 && begun[list[n]] > t && begun[list[n]] - t > t - ended[list[n - 1]])
		n--;
	return list[n];
}
function otherTrack(by) {
	const n = Math.min(Math.max(track + by, 0), tracks.length - 1);
	if (n === track || n < 0)
		return;
	track = n;
	const i = nearest(tracks[n].list, chosen >= 0 ? at[chosen] : from);
	if (i === undefined)
		draw();
	else
		choose(i);
}
function find(text, by) {
	text = text.trim().toLowerCase();
	if (!text || !exits.length)
		return;
	const fits = i => (label(i) + " " + place(i) + " " + (codeOf(i)?.[0]?.[2] ?? "") + " " + (hasRip(i) ? hex(v(i, 2)) : "")).toLowerCase().includes(text);
	let n = upTo(exits, chosen) - 1;
	for (let tried = 0; tried < exits.length; tried++) {
		n = (n + by + exits.length) % exits.length;
		if (fits(exits[n])) {
			$("found").textContent = "exit " + (n + 1).toLocaleString("en");
			choose(exits[n]);
			return;
		}
	}
	$("found").textContent = "none";
}

const first = () => choose(tracks[track]?.list[0]), last = () => choose(tracks[track]?.list.at(-1));
const acts = { first, last, back: () => step(-1), next: () => step(1), in: () => zoom(.5), out: () => zoom(2),
	all: () => look(0, END), keys: () => $("help").showModal() };
for (const name in acts)
	$(name).addEventListener("click", acts[name]);
$("table").addEventListener("click", event => {
	const k = event.target.dataset.kind;
	if (k === undefined)
		return;
	const n = exits.findIndex(i => i > chosen && a(i) === Number(k));
	choose(n >= 0 ? exits[n] : exits.find(i => a(i) === Number(k)));
});
$("stage-table").addEventListener("click", event => {
	const i = event.target.dataset.stage;
	if (i !== undefined)
		choose(exits[Math.max(upTo(exits, Number(i)) - 1, 0)]);
});
$("find").addEventListener("keydown", event => {
	if (event.key === "Enter")
		find($("find").value, event.shiftKey ? -1 : 1);
});
document.addEventListener("keydown", event => {
	if (event.key === "Escape") {
		if (!$("help").open)
			canvas.focus();
		return;
	}
	if (event.target === $("find") || event.ctrlKey || event.metaKey || event.altKey || $("help").open)
		return;
	const move = (to - from) / 4, onButton = event.target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ");
	const key = { ArrowLeft: () => event.shiftKey ? look(from - move, to - move) : step(-1),
		ArrowRight: () => event.shiftKey ? look(from + move, to + move) : step(1),
		ArrowUp: () => otherTrack(-1), ArrowDown: () => otherTrack(1), "+": acts.in, "=": acts.in, "-": acts.out,
		0: acts.all, Home: first, End: last, "/": () => $("find").focus(), "?": acts.keys }[event.key];
	if (!key || onButton || ((event.key === "ArrowUp" || event.key === "ArrowDown") && event.target !== canvas))
		return;
	event.preventDefault();
	key();
});

// Dragging moves, two fingers pinch, and what did not move was a click.
const fingers = new Map();
let moved = 0;
const timeAt = px => from + px / width * (to - from);
canvas.addEventListener("pointerdown", event => {
	fingers.set(event.pointerId, event.offsetX);
	canvas.setPointerCapture(event.pointerId);
	moved = fingers.size > 1 ? 99 : 0;
});
canvas.addEventListener("pointermove", event => {
	if (!fingers.has(event.pointerId))
		return;
	const before = fingers.get(event.pointerId), other = [...fingers].find(([id]) => id !== event.pointerId);
	fingers.set(event.pointerId, event.offsetX);
	moved += Math.abs(event.offsetX - before);
	if (other && Math.abs(event.offsetX - other[1]) > 5) {
		zoom(Math.abs((before - other[1]) / (event.offsetX - other[1])), timeAt(other[1]));
	} else if (!other && moved > 4) {
		const by = (before - event.offsetX) / width * (to - from);
		look(from + by, to + by);
	}
});
canvas.addEventListener("pointerup", event => {
	fingers.delete(event.pointerId);
	if (moved > 4)
		return;
	const n = Math.floor((event.offsetY - RULER) / ROW);
	track = Math.min(Math.max(n, 0), Math.max(tracks.length - 1, 0));
	choose(nearest(tracks[track]?.list ?? [], timeAt(event.offsetX)));
});
canvas.addEventListener("pointercancel", event => fingers.delete(event.pointerId));
canvas.addEventListener("wheel", event => {
	event.preventDefault();
	if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
		const by = (event.deltaX || event.deltaY) / width * (to - from);
		look(from + by, to + by);
	} else {
		zoom(event.deltaY > 0 ? 1.25 : .8, timeAt(event.offsetX));
	}
}, { passive: false });
const overTo = event => {
	const middle = event.offsetX / over.clientWidth * END, half = (to - from) / 2;
	look(middle - half, middle + half);
};
over.addEventListener("pointerdown", event => { over.setPointerCapture(event.pointerId); overTo(event); });
over.addEventListener("pointermove", event => event.buttons && overTo(event));
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

$("summary").textContent = exits.length.toLocaleString("en") + " exits in " + duration(END) + ", " +
	film.threads.length + (film.threads.length === 1 ? " thread" : " threads") +
	(film.forgotten ? "; before that " + film.forgotten.toLocaleString("en") + " records were forgotten" : "");
showStages();
showReasons();
showSplit();
show();
// page.html#120 is exit 120.
const asked = () => choose(exits[Number(location.hash.slice(1)) - 1]);
addEventListener("hashchange", asked);
asked();
document.documentElement.dataset.ready = Math.round(performance.now());
