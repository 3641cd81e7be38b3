import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { loadVerb, VERB_NAMES } from './all-verbs.ts'
import { barLine } from './progress-bar-node.ts'
import { textTable } from './text-table.ts'
import { Arguments, EXIT, suggestion, UsageError } from './verb.ts'
import { runVerb } from './verb-stage.ts'

test('[CI1] every verb explains itself, with an example, and takes --json where it prints', async () => {
  for (const name of VERB_NAMES) {
    const verb = await loadVerb(name)
    assert.equal(verb.name, name)
    assert.match(verb.summary, /^[A-Z].*\.$/, name)
    assert.ok(verb.examples.length > 0 && verb.usage.length > 0, name)
    for (const { command } of verb.examples) assert.match(command, /^(HOLDFAST_\w+=\S+ )?(npx )?holdfast /, name)
    assert.ok('json' in verb.options || name === 'serve', `${name} has no --json`)
    const { code, out, err } = await runVerb([name, '--help'])
    assert.deepEqual([code, err.length], [EXIT.done, 0], name)
    for (const option of Object.keys(verb.options))
      assert.ok(out.join('\n').includes(`--${option}`), `${name} --${option}`)
  }
})

test('[CI2] a wrong command line is exit 2, says what would be right, and does nothing', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['stauts'], /no verb "stauts".*Did you mean status/],
    [['frobnicate'], /no verb "frobnicate"\.$/],
    [['status', '--jsno'], /no option --jsno. Did you mean --json/],
    [['node'], /What to do .* is missing/],
    [['node', 'drian', 'n1'], /cannot "drian". Did you mean drain/],
    [['node', 'drain', '--url', 'http://localhost:1', '--token', 'x'], /name of the node is missing/],
    [['node', 'drain', 'n1', '--deadline', 'soon', '--url', 'http://localhost:1', '--token', 'x'], /a time such as/],
    [['token', 'staff', '--url', 'http://localhost:1'], /--name is missing/],
    [['token', 'staff', '--name', 'x', '--scopes', 'admn'], /no scope "admn". Did you mean admin/],
    [['token', 'staff', '--name', 'x', '--role', 'boss'], /one of agent, supervisor, bot/],
    [['token', 'jion'], /Did you mean join/],
    [['status', '--url', 'nonsense', '--token', 'x'], /must be an address/],
    [['status', '--url', 'http://localhost:1'], /An API key or staff token/],
    [['up', '--nodes', 'many'], /--nodes must be a whole number from 1 to 50, not "many"/],
    [['serve', '--port', '99999', '--role', 'boss'], /--role must be.*\n--port must be/],
    [['serve', '--config', '/nowhere/holdfast.json'], /cannot be read/],
    [['doctor', '--port', '0'], /--port must be/],
    [['help', 'stats'], /Did you mean status/],
  ]
  for (const [words, message] of table) {
    const { code, out, err } = await runVerb(words)
    assert.equal(code, EXIT.usage, `${words.join(' ')}: ${err.join('\n')}`)
    assert.match(err.join('\n').split('\n`holdfast')[0] ?? '', message, words.join(' '))
    assert.deepEqual(out, [], words.join(' '))
  }
})

test('[CI3] where no cluster answers the exit code says so', async () => {
  const nowhere = await runVerb(['status', '--data', '/nowhere'])
  assert.deepEqual([nowhere.code, nowhere.out.length], [EXIT.unreachable, 0])
  assert.match(nowhere.err.join(), /holdfast up/)
  const closed = await runVerb(['node', 'list', '--url', 'http://127.0.0.1:1', '--token', 'x'])
  assert.equal(closed.code, EXIT.unreachable)
})

test('a refusal of the cluster is told in its own sentence, and another program at the address is noticed', async (context) => {
  const answers = [
    { status: 403, body: { code: 'not-allowed', definite: true, message: 'The token does not allow this.' } },
    { status: 200, body: { node: 'n1', act: 'disable', sentence: 'n1 opens no new conversations.' } },
    { status: 500, body: 'oops' },
  ]
  const server = createServer((_request, response) => {
    const { status, body } = answers.shift() ?? { status: 404, body: {} }
    response.writeHead(status).end(JSON.stringify(body))
  })
  context.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const disable = () => runVerb(['node', 'disable', 'n1'], { env: { HOLDFAST_URL: url, HOLDFAST_TOKEN: 'x' } })
  const refused = await disable()
  assert.deepEqual([refused.code, refused.err], [EXIT.failed, ['The token does not allow this.']])
  assert.deepEqual((await disable()).out, ['n1 opens no new conversations.'])
  assert.equal((await disable()).code, EXIT.unreachable)
})

test('help lists every verb, as text and as JSON', async () => {
  const text = (await runVerb([])).out.join('\n')
  for (const name of VERB_NAMES) assert.match(text, new RegExp(`^  ${name} `, 'm'))
  const json = JSON.parse((await runVerb(['help', '--json'])).out.join(''))
  assert.deepEqual(
    json.map(({ name }: { name: string }) => name),
    VERB_NAMES,
  )
  assert.match((await runVerb(['--version'])).out[0] ?? '', /^\d+\.\d+\.\d+/)
})

test('options are read by type, and what is wrong names the option', () => {
  const args = new Arguments(['word'], { n: '12', t: '1.5s', c: 'b', f: true })
  assert.deepEqual(
    [args.number('n'), args.durationMs('t'), args.choice('c', ['a', 'b']), args.flag('f')],
    [12, 1500, 'b', true],
  )
  assert.deepEqual([args.number('x', { absent: 3 }), args.durationMs('x', 4), args.word(0, 'It')], [3, 4, 'word'])
  for (const [text, durationMs] of [
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ] as const)
    assert.equal(new Arguments([], { t: text }).durationMs('t'), durationMs)
  const wrong = new Arguments([], { n: '1.5', t: '5', e: '', m: '-1' })
  for (const read of [
    () => wrong.number('n'),
    () => wrong.number('e'),
    () => wrong.number('m'),
    () => wrong.number('absent'),
    () => wrong.durationMs('t'),
    () => wrong.choice('n', ['a']),
    () => wrong.word(0, 'It'),
  ])
    assert.throws(read, UsageError)
})

test('suggestions are near or not made', () => {
  assert.equal(suggestion('drian', ['drain', 'move']), ' Did you mean drain?')
  assert.equal(suggestion('xyz', ['drain', 'move']), '')
  assert.equal(suggestion('dis', ['disable']), ' Did you mean disable?')
})

test('bars and tables hold their shape', () => {
  assert.equal(barLine('draining n1', 1, 2, '1 left'), 'draining n1 [################----------------] 50% 1 left')
  assert.match(barLine('x', 0, 0, ''), /100%$/)
  assert.match(barLine('x', 5, 2, ''), /100%$/)
  assert.deepEqual(
    textTable(
      ['node', 'owns'],
      [
        ['n1', 5],
        ['n10', 100],
      ],
    ),
    ['node  owns', 'n1       5', 'n10    100'],
  )
})
