import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { NoAnswer, Refused, Wire } from '../../signing/web/static/src/wire.js';

const { fetch, setTimeout } = globalThis;
const wire = new Wire({ place: '/s/link', formToken: 'token' });

/** Answers one after another; an Error is a broken line. Waits take no time, patience stays. */
function line(...answers) {
  const asked = [];
  globalThis.fetch = async (url, request) => {
    asked.push({ url, request });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  globalThis.setTimeout = (work, ms) => (ms < 10000 ? setTimeout(work, 0) : setTimeout(quiet, 0));
  return asked;
}

const quiet = () => {};
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });

afterEach(() => Object.assign(globalThis, { fetch, setTimeout }));

test('a request bears the token of its page and asks for JSON', async () => {
  const asked = line(json({ done: true }));

  const answer = await wire.post('key', { spki: 'x' });

  const [{ url, request }] = asked;
  assert.deepEqual(answer, { done: true });
  assert.equal(url, '/s/link/key');
  assert.equal(request.headers['X-Form-Token'], 'token');
  assert.equal(request.redirect, 'error');
  assert.equal(request.body, '{"spki":"x"}');
});

test('a broken line is tried again', async () => {
  const asked = line(new Error('reset'), new Error('reset'), json({ done: true }));

  assert.deepEqual(await wire.post('key', {}), { done: true });
  assert.equal(asked.length, 3);
});

test('a line that stays broken is told after three tries', async () => {
  const asked = line(new Error('reset'));

  await assert.rejects(wire.post('key', {}), (error) => error instanceof NoAnswer && !error.isBusy);
  assert.equal(asked.length, 3);
});

test('a service that is busy is told as such', async () => {
  line(json({ code: 'UNAVAILABLE' }, 503));

  await assert.rejects(wire.post('key', {}), (error) => error instanceof NoAnswer && error.isBusy);
});

test('a refusal is not tried again, and says what the service said', async () => {
  const problem = { code: 'CODE_WRONG', detail_zh: '验证码不对', errors: [{ path: 'code' }] };
  const asked = line(json(problem, 422));

  await assert.rejects(wire.post('code', {}), (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.code, error.message], [422, 'CODE_WRONG', '验证码不对']);
    assert.deepEqual(error.errors, [{ path: 'code' }]);
    return true;
  });
  assert.equal(asked.length, 1);
});

test('a refusal that is not JSON has its status at least', async () => {
  line(new Response('<html>', { status: 413 }));

  await assert.rejects(wire.post('key', {}), { status: 413, code: '' });
});
