import assert from 'node:assert/strict'
import test from 'node:test'
import { linesOf, withOurFacts } from './foreign-placeholders.ts'

const FACTS = ['brand', 'server']

test('[CF38] the placeholder of the server name becomes our fact, in each of its forms', () => {
  const ours = (text: string) => withOurFacts(text, FACTS).text
  assert.equal(
    ours('![x](https://@Model.ServerFQDN/Chime/Content/images/x.png)'),
    '![x](https://{{ server }}/Chime/Content/images/x.png)',
  )
  assert.equal(ours('At @( Model.ServerFQDN ), or @Model.ServerFQDN.'), 'At {{ server }}, or {{ server }}.')
  const same = 'ops@Model.com, @@Model.ServerFQDN, @team, @Modelling, a@b.c'
  assert.deepEqual(withOurFacts(same, FACTS), { text: same, found: [] }, 'addresses and names are no placeholders')
})

test('[CF38] a placeholder of which there is nothing here is told with what there is; so are statements', () => {
  const { text, found } = withOurFacts('Dear @Model.GuestName,\n@if (x) { @Html.Raw(y) }', FACTS)
  assert.ok(text.includes('@Model.GuestName'))
  assert.deepEqual(
    found.map(({ kind, from }) => `${kind} ${from}`),
    ['unknown @Model.GuestName', 'unknown @if (', 'unknown @Html.Raw'],
  )
  const [first] = found
  assert.equal(
    first?.kind === 'unknown' && first.sentence,
    'There is no @Model.GuestName here; these are filled in: {{ brand }}, {{ server }}.',
  )
  assert.equal(withOurFacts('@Model.ServerFQDN', ['brand']).found[0]?.kind, 'unknown', 'only what the kind reaches')
})

test('[CF38] the line of each placeholder is told, the same one again in its next place, comments left out', () => {
  const document = ['title: a', '# @Model.A', 'body: |', '  @Model.A @Model.B', '  x', '  @Model.A @Model.A'].join('\n')
  assert.deepEqual(linesOf(document, 3, ['@Model.A', '@Model.B', '@Model.A', '@Model.A', '@Model.C']), [4, 4, 6, 6, 3])
})
