'use strict';

const chosen = localStorage.getItem('concord-theme');
document.documentElement.dataset.theme =
  chosen || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
const token = document.getElementById('token');
token.value = sessionStorage.getItem('concord-token') || '';
token.addEventListener('change', () => sessionStorage.setItem('concord-token', token.value.trim()));

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function field(text, input) {
  const label = element('label', text);
  label.append(input);
  return label;
}

/** A form that makes one call and shows the answer. */
function operation(method, path, about) {
  const box = element('details');
  box.className = 'operation';
  const summary = element('summary');
  summary.append(element('b', method.toUpperCase()), ' ' + path + '  ' + about.summary);
  const form = element('form');
  const inputs = (about.parameters || []).map(parameter => {
    const input = element('input');
    input.required = !!parameter.required;
    input.autocomplete = 'off';
    form.append(field(parameter.name + (parameter.in === 'header' ? ' (header)' : ''), input));
    return {parameter, input};
  });
  const types = about.requestBody ? Object.keys(about.requestBody.content) : [];
  let body = null;
  let type = null;
  if (types.length) {
    type = element('select');
    type.append(...types.map(each => new Option(each, each)));
    body = element('textarea');
    body.value = JSON.stringify(about.requestBody.content[types[0]].example, null, 2) || '';
    form.append(field('type', type), field('body', body));
  }
  form.append(element('button', 'Call'));
  const answer = element('pre');
  answer.hidden = true;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    const headers = {};
    if (token.value.trim()) {
      headers.Authorization = 'Bearer ' + token.value.trim();
    }
    for (const {parameter, input} of inputs) {
      if (parameter.in === 'path') {
        url = url.replace('{' + parameter.name + '}', encodeURIComponent(input.value));
      } else if (input.value && parameter.in === 'query') {
        query.set(parameter.name, input.value);
      } else if (input.value) {
        headers[parameter.name] = input.value;
      }
    }
    if (body) {
      headers['Content-Type'] = type.value;
    }
    answer.hidden = false;
    try {
      const got = await fetch(url + (query.size ? '?' + query : ''),
        {method: method.toUpperCase(), headers, body: body ? body.value : undefined});
      answer.textContent = got.status + '\n' + [...got.headers].map(each => each.join(': ')).join('\n') + '\n\n'
        + await got.text();
    } catch (e) {
      answer.textContent = String(e);
    }
  });
  box.append(summary, form, answer);
  return box;
}

fetch('/openapi.json').then(got => got.json()).then(api => {
  const all = document.getElementById('operations');
  all.append(element('p', api.info.description));
  for (const [path, methods] of Object.entries(api.paths)) {
    const shared = methods.parameters || [];
    for (const [method, about] of Object.entries(methods)) {
      if (method !== 'parameters') {
        all.append(operation(method, path, {...about, parameters: shared.concat(about.parameters || [])}));
      }
    }
  }
}).catch(() => document.getElementById('operations').append(
  element('p', 'The description of the API could not be read: this member does not answer. Load the page again.')));
