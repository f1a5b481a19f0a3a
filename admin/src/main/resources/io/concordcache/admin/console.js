'use strict';

const EVERY_MS = 2000;
const POINTS = 120;
const MINUTES = Math.round(EVERY_MS * POINTS / 60_000);
const LOOK_MS = 15_000;
/** Longer than it takes to add a member. */
const CHANGE_MS = 130_000;
const NO_TOKEN = 'This server shows nothing without a token that it knows. Press Token to give one.';
const $ = id => document.getElementById(id);

// Theme

const dark = matchMedia('(prefers-color-scheme: dark)');
function theme() {
  const chosen = localStorage.getItem('concord-theme');
  document.documentElement.dataset.theme = chosen || (dark.matches ? 'dark' : 'light');
}
theme();
dark.addEventListener('change', theme);
$('theme').addEventListener('click', () => {
  localStorage.setItem('concord-theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  theme();
});

// Calls

const token = () => sessionStorage.getItem('concord-token') || '';
let asking = null;
let declined = false;
/** Whether the user gave a token. */
function askToken(why) {
  const dialog = $('ask-token');
  if (!asking) {
    asking = new Promise(done => dialog.addEventListener('close', () => {
      asking = null;
      const input = dialog.querySelector('input');
      const given = dialog.returnValue === 'ok';
      if (given) {
        sessionStorage.setItem('concord-token', input.value.trim());
        declined = false;
      }
      input.value = '';
      done(given);
    }, {once: true}));
    dialog.returnValue = '';
    $('ask-token-why').textContent = why;
    dialog.showModal();
  }
  return asking;
}

class NoAnswer extends Error {}

async function call(method, path, body) {
  const headers = {};
  if (token()) {
    headers.Authorization = 'Bearer ' + token();
  }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  try {
    const answer = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(method === 'GET' ? LOOK_MS : CHANGE_MS)});
    const text = await answer.text();
    const isJson = (answer.headers.get('Content-Type') || '').includes('json');
    return {status: answer.status, ok: answer.ok, isJson, content: isJson ? JSON.parse(text) : text};
  } catch (e) {
    throw new NoAnswer('This member does not answer.');
  }
}

/** Parsed JSON, or text; asks for a token when the server wants one. */
async function ask(method, path, body) {
  const used = token();
  const answer = await call(method, path, body);
  if (answer.status === 401 && !declined) {
    if (token() !== used || await askToken(used ? 'This server does not know that token. Try another.'
      : 'This server wants one.')) {
      return ask(method, path, body);
    }
    declined = true;
  }
  if (answer.status === 401) {
    throw new Error(NO_TOKEN);
  }
  if (!answer.ok) {
    throw new Error(answer.isJson && answer.content.detail ? answer.content.detail
      : 'The server answered ' + answer.status + '.');
  }
  return answer.content;
}

/** What went wrong with what the user asked for. */
function say(text) {
  banner($('message'), text);
}

function banner(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
  place.hidden = !text;
}

/** Runs what a user asked for, and says what went wrong. */
async function act(what) {
  try {
    say('');
    await what();
    await refresh();
  } catch (e) {
    say(e.message);
  }
}

function confirmed(what) {
  const dialog = $('confirm');
  const from = document.activeElement.dataset.id;
  $('confirm-what').textContent = what;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(done =>
    dialog.addEventListener('close', () => {
      const again = document.querySelector('[data-id="' + CSS.escape(from || '') + '"]');
      if (again) {
        again.focus();
      }
      done(dialog.returnValue === 'ok');
    }, {once: true}));
}

// Who

let grants = [];
const administers = () => grants.some(each => each.caches === '*' && each.roles.includes('admin'));

let knownToken = null;
async function who() {
  const used = token();
  const me = await ask('GET', '/v1/me');
  knownToken = token() === used ? used : null;
  grants = me.grants;
  $('me').textContent = me.name;
  $('me').title = grants.map(each => each.roles.join(', ') + ' for ' + each.caches).join('; ');
  showWhatMayBeDone();
}

function showWhatMayBeDone() {
  document.querySelectorAll('.needs-admin').forEach(each => { each.hidden = !administers(); });
}
showWhatMayBeDone();

$('token').addEventListener('click', async () => {
  if (await askToken('It is sent with each call of this page.')) {
    await act(() => {});
  }
});

// Tables

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  return made;
}

function button(text, className, action) {
  const made = element('button', text, className);
  made.type = 'button';
  made.addEventListener('click', action);
  return made;
}

function row(...cells) {
  const made = document.createElement('tr');
  made.append(...cells);
  return made;
}

const count = value => value === null || value === undefined ? '–' : Number(value).toLocaleString('en');

function bytes(value) {
  if (value === null || value === undefined) {
    return '–';
  }
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let left = value;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit++;
  }
  return (unit === 0 ? left : left.toFixed(1)) + ' ' + units[unit];
}

function life(millis) {
  if (millis === null || millis === undefined) {
    return 'for ever';
  }
  const seconds = millis / 1000;
  return seconds < 120 ? seconds.toFixed(1) + ' s'
    : seconds < 7200 ? (seconds / 60).toFixed(1) + ' min' : (seconds / 3600).toFixed(1) + ' h';
}

/** Only cells that differ are replaced, so that a button stays under the pointer and keeps the focus. */
function fill(body, data, make) {
  const heads = [...body.closest('table').querySelectorAll('th')];
  const rows = data.map(make);
  const focused = body.contains(document.activeElement);
  rows.forEach((made, i) => {
    [...made.cells].forEach((cell, column) => { cell.dataset.label = heads[column].textContent; });
    const old = body.rows[i];
    if (!old) {
      body.append(made);
    } else if (old.cells.length !== made.cells.length) {
      old.replaceWith(made);
    } else {
      [...made.cells].forEach((cell, column) => {
        if (!cell.isEqualNode(old.cells[column])) {
          const active = old.cells[column].contains(document.activeElement) ? document.activeElement.dataset.id : null;
          old.cells[column].replaceWith(cell);
          [...cell.querySelectorAll('button')].filter(each => each.dataset.id === active).forEach(each => each.focus());
        }
      });
    }
  });
  while (body.rows.length > rows.length) {
    body.lastElementChild.remove();
  }
  if (focused && !body.contains(document.activeElement)) {
    body.closest('.scroll').focus();
  }
}

function named(made, id) {
  made.dataset.id = id;
  return made;
}

function memberRow(member) {
  const actions = element('td', null, 'actions');
  if (administers()) {
    if (member.role === 'follower') {
      actions.append(named(button('Make leader', '', () => act(async () => {
        if (await confirmed('Hand the lead to ' + member.id + '?')) {
          await ask('POST', '/v1/leader', {member: member.id});
        }
      })), 'lead ' + member.id));
    }
    actions.append(named(button('Remove', 'danger', () => act(async () => {
      if (await confirmed('End the membership of ' + member.id + '? It comes back only with an empty directory.')) {
        await ask('DELETE', '/v1/members/' + encodeURIComponent(member.id));
      }
    })), 'remove ' + member.id));
  }
  return row(
    element('td', member.id), element('td', member.address, 'wide'), element('td', member.role, 'role-' + member.role),
    element('td', count(member.term < 0 ? null : member.term), 'number wide'), element('td', count(member.appliedIndex), 'number'),
    element('td', count(member.lastIndex), 'number wide'), element('td', count(member.entries), 'number'),
    element('td', member.problem, 'problem'), actions);
}

const entriesOf = new Map();
function cacheRow(cache) {
  const reads = cache.hits + cache.misses;
  entriesOf.set(cache.name, cache.entries);
  const bounds = [];
  if (cache.maxEntries !== null) {
    bounds.push(count(cache.maxEntries));
  }
  if (cache.maxBytes !== null) {
    bounds.push(bytes(cache.maxBytes));
  }
  const name = document.createElement('td');
  name.append(named(button(cache.name, 'link', () => browse(cache.name)), 'browse ' + cache.name));
  const actions = element('td', null, 'actions');
  if (cache.roles.includes('write')) {
    actions.append(named(button('Clear', 'danger', () => act(async () => {
      if (await confirmed('Remove all ' + count(entriesOf.get(cache.name)) + ' entries of the cache ' + cache.name + '?')) {
        await ask('DELETE', '/v1/caches/' + encodeURIComponent(cache.name) + '/entries');
      }
    })), 'clear ' + cache.name));
  }
  return row(
    name, element('td', count(cache.entries), 'number'), element('td', bytes(cache.bytes), 'number'),
    element('td', bounds.join(', ') || '–', 'number wide'),
    element('td', reads ? (100 * cache.hits / reads).toFixed(1) + ' %' : '–', 'number'),
    element('td', count(cache.puts), 'number wide'), element('td', count(cache.evictions), 'number wide'),
    element('td', count(cache.expirations), 'number wide'), actions);
}

const mayWrite = new Set();
function cacheNames(caches) {
  mayWrite.clear();
  caches.filter(each => each.roles.includes('write')).forEach(each => mayWrite.add(each.name));
  const select = $('look-up').elements.cache;
  const names = caches.map(each => each.name);
  if ([...select.options].map(each => each.value).join('\n') !== names.join('\n')) {
    const chosen = select.value;
    select.replaceChildren(...names.map(name => new Option(name, name)));
    if (names.includes(chosen)) {
      select.value = chosen;
    }
  }
}

// Charts

const charts = {operations: [], latency: [], lag: []};

/** Prometheus text to [{name, labels, value}]. */
function parseMetrics(text) {
  const found = [];
  for (const line of text.split('\n')) {
    const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (parts && parts[1].startsWith('concord_')) {
      const labels = {};
      for (const label of (parts[2] || '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
        labels[label[1]] = label[2];
      }
      found.push({name: parts[1], labels, value: Number(parts[3])});
    }
  }
  return found;
}

function total(samples, name) {
  return samples.filter(each => each.name === name).reduce((sum, each) => sum + each.value, 0);
}

function quantile(before, now, name, q) {
  const difference = new Map();
  for (const [samples, sign] of [[now, 1], [before, -1]]) {
    for (const each of samples) {
      if (each.name === name + '_bucket') {
        const le = each.labels.le === '+Inf' ? Infinity : Number(each.labels.le);
        difference.set(le, (difference.get(le) || 0) + sign * each.value);
      }
    }
  }
  const bounds = [...difference.keys()].sort((a, b) => a - b);
  const all = difference.get(Infinity) || 0;
  if (all <= 0) {
    return null;
  }
  let below = 0;
  let bound = 0;
  for (const le of bounds) {
    const upTo = difference.get(le);
    if (upTo >= q * all) {
      const width = (le === Infinity ? bound : le) - bound;
      return 1000 * (bound + width * (upTo > below ? (q * all - below) / (upTo - below) : 1));
    }
    below = upTo;
    bound = le;
  }
  return null;
}

let last = null;
function chart(text) {
  const now = {at: performance.now(), samples: parseMetrics(text)};
  const lag = total(now.samples, 'concord_raft_lag_seconds') * 1000;
  add('lag', [lag]);
  if (last) {
    const seconds = (now.at - last.at) / 1000;
    const rate = (...names) => Math.max(0, names.reduce((sum, name) =>
      sum + total(now.samples, name) - total(last.samples, name), 0) / seconds);
    add('operations', [rate('concord_cache_puts_total', 'concord_cache_removals_total'),
      rate('concord_cache_served_total')]);
    add('latency', [quantile(last.samples, now.samples, 'concord_append_seconds', 0.5),
      quantile(last.samples, now.samples, 'concord_append_seconds', 0.95)]);
  }
  last = now;
  draw('operations', ['writes', 'reads here']);
  draw('latency', ['p50', 'p95']);
  draw('lag', ['lag']);
}

function add(name, values) {
  charts[name].push(values);
  if (charts[name].length > POINTS) {
    charts[name].shift();
  }
}

function short(value) {
  return value === null || value === undefined ? '–' : value === 0 ? '0' : value >= 100 ? Math.round(value).toLocaleString('en')
    : value.toFixed(value >= 10 ? 1 : 2);
}

function svg(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function draw(name, titles) {
  const points = charts[name];
  const picture = $(name);
  const width = Math.max(200, picture.clientWidth);
  const height = Math.max(80, picture.clientHeight);
  const left = 46;
  const classes = ['one', 'two'];
  const highest = Math.max(1, ...points.flat().filter(value => value !== null));
  picture.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
  const yOf = part => 10 + (height - 32) * (1 - part);
  const parts = [svg('text', {x: left, y: height - 4}, MINUTES + ' min ago'),
    svg('text', {x: width, y: height - 4, 'text-anchor': 'end'}, 'now')];
  if (!points.flat().some(value => value !== null)) {
    parts.push(svg('text', {x: (left + width) / 2, y: yOf(0.5) - 8, 'text-anchor': 'middle'}, 'no measurement yet'));
  }
  for (const part of [0, 0.5, 1]) {
    const y = yOf(part);
    parts.push(svg('line', {x1: left, x2: width, y1: y, y2: y, class: 'grid'}));
    parts.push(svg('text', {x: left - 4, y: y + 4, 'text-anchor': 'end'}, short(highest * part)));
  }
  const step = (width - left) / (POINTS - 1);
  titles.forEach((title, series) => {
    const line = [];
    points.forEach((values, i) => {
      const value = values[series];
      if (value !== null && value !== undefined) {
        const x = left + (POINTS - points.length + i) * step;
        line.push(x.toFixed(1) + ',' + yOf(value / highest).toFixed(1));
      }
    });
    parts.push(svg('polyline', {points: line.join(' '), class: classes[series]}));
  });
  picture.replaceChildren(...parts);
  const newest = points.length ? points[points.length - 1] : [];
  $(name + '-legend').replaceChildren(...titles.map((title, series) =>
    element('span', title + ' ' + short(newest[series]), classes[series])));
}

// Entries

let shownKey = null;
let nextPage = null;
let pageOf = null;

function entryPath(cache, key, type, more) {
  return '/v1/caches/' + encodeURIComponent(cache) + '/entries/' + encodeURIComponent(key) + (more || '')
    + '?key-type=' + type;
}

async function show(cache, key, type) {
  shownKey = {cache, key, type};
  const entry = await ask('GET', entryPath(cache, key, type));
  $('entry-key').textContent = entry.key;
  const facts = {Cache: cache, Type: entry.type, Version: entry.version, Size: bytes(entry.size),
    Lives: life(entry.ttlMillis)};
  $('entry-facts').replaceChildren(...Object.entries(facts).flatMap(([name, value]) =>
    [element('dt', name), element('dd', value)]));
  $('entry-value').textContent = String(entry.value);
  $('set-ttl').hidden = !mayWrite.has(cache);
  $('entry').hidden = false;
}

async function browse(cache, after) {
  await act(async () => {
    $('look-up').elements.cache.value = cache;
    const page = await ask('GET', '/v1/caches/' + encodeURIComponent(cache) + '/entries?limit=50'
      + (after ? '&after=' + after : ''));
    pageOf = cache;
    nextPage = page.next;
    $('page-rows').replaceChildren();
    fill($('page-rows'), page.entries, entry => {
      const key = element('td', null, 'text');
      key.append(button(entry.key, 'link', () => act(() => show(cache, entry.keyHex, 'hex'))));
      return row(key, element('td', String(entry.value), 'text'),
        element('td', life(entry.ttlMillis), 'number'), element('td', bytes(entry.size), 'number wide'));
    });
    if (!page.entries.length) {
      $('page-rows').append(row(element('td', 'no entries')));
    }
    $('page').hidden = false;
    $('next').disabled = !nextPage;
  });
}

$('look-up').addEventListener('submit', event => {
  event.preventDefault();
  const fields = event.target.elements;
  $('entry').hidden = true;
  act(() => show(fields.cache.value, fields.key.value, fields.type.value));
});
$('browse').addEventListener('click', () => {
  const cache = $('look-up').elements.cache.value;
  if (cache) {
    browse(cache);
  }
});
$('next').addEventListener('click', () => browse(pageOf, nextPage));
$('set-ttl').addEventListener('submit', event => {
  event.preventDefault();
  const {cache, key, type} = shownKey;
  act(async () => {
    await ask('PUT', entryPath(cache, key, type, '/ttl') + '&ttl='
      + encodeURIComponent(event.target.elements.ttl.value.trim()));
    await show(cache, key, type);
  });
});
$('delete-entry').addEventListener('click', () => {
  const {cache, key, type} = shownKey;
  act(async () => {
    if (await confirmed('Delete the entry ' + $('entry-key').textContent + ' of the cache ' + cache + '?')) {
      await ask('DELETE', entryPath(cache, key, type));
      $('entry').hidden = true;
    }
  });
});
$('add-member').addEventListener('submit', event => {
  event.preventDefault();
  const form = event.target;
  act(async () => {
    await ask('POST', '/v1/members', {member: form.elements.member.value.trim()});
    form.reset();
  });
});

// The loop

function pill(good, text) {
  $('health').className = 'pill ' + (good ? 'good' : 'bad');
  if ($('health').textContent !== text) {
    $('health').textContent = text;
  }
}

/** What is wrong with the cluster, in a sentence; empty if nothing is. */
function condition(health, members) {
  const away = members.filter(member => member.role === 'unreachable').map(member => member.id);
  const names = (away.length === 1 ? 'Member ' : 'Members ') + away.join(', ')
    + (away.length === 1 ? ' does' : ' do') + ' not answer';
  if (away.length && away.length * 2 >= members.length) {
    return names + ': without a majority nothing is read or written until more members are back.';
  }
  if (!health.leader) {
    return 'The members are electing a leader; reads and writes wait for it.';
  }
  if (!health.healthy) {
    return 'This member cannot serve' + (health.lastError ? ': ' + health.lastError : '.');
  }
  return away.length ? names + '; the others read and write.' : health.lastError || '';
}

async function look() {
  const health = (await call('GET', '/health/ready')).content;
  const up = health.leaderUptimeMillis === null ? '' : ' for ' + life(health.leaderUptimeMillis);
  pill(health.healthy, (health.healthy ? 'healthy' : 'not healthy') + ', '
    + (health.leader ? 'leader ' + health.leader + up : 'no leader'));
  if (token() !== knownToken) {
    await who();
  }
  const status = await ask('GET', '/v1/status');
  $('cluster').textContent = status.cluster + (status.self ? ' at ' + status.self : '');
  document.title = 'Concord ' + status.cluster;
  fill($('member-rows'), status.members, memberRow);
  const wrong = condition(health, status.members);
  $('state').classList.toggle('warn', health.healthy);
  banner($('state'), wrong);
  chart(await ask('GET', '/metrics'));
  if (health.quorum) {
    const caches = (await ask('GET', '/v1/caches')).caches;
    fill($('cache-rows'), caches, cacheRow);
    cacheNames(caches);
    $('no-caches').hidden = caches.length > 0;
  }
}

let seen = null;
/** Shows how things are; never throws. */
async function refresh() {
  let text = NO_TOKEN;
  if (!declined) {
    try {
      await look();
      seen = new Date();
      document.body.classList.remove('stale');
      return;
    } catch (e) {
      text = e.message;
      if (e instanceof NoAnswer) {
        pill(false, 'no answer');
        document.body.classList.toggle('stale', seen !== null);
        text += (seen ? ' What you see is of ' + seen.toLocaleTimeString() + '.' : '')
          + ' It is asked again every ' + EVERY_MS / 1000 + ' seconds.';
      }
    }
  }
  $('state').classList.remove('warn');
  banner($('state'), text);
}

async function loop() {
  if (!document.hidden) {
    await refresh();
  }
  setTimeout(loop, EVERY_MS);
}

loop();
