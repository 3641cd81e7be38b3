import assert from 'node:assert/strict'
import test from 'node:test'
import type { AssetRow } from '../../protocol/asset-answers.ts'
import { assetNameOf, bytesText, counts, fateOf, faultBefore, kindsText, shown, titleOf } from './assets-facts.ts'

const TAKEN = { bytesMax: 16 * 1024 ** 2, endings: ['png', 'pdf', 'yaml', 'jpeg', 'yml'] }

function row(digit: string, more: Partial<AssetRow> = {}): AssetRow {
  const file = `${digit.repeat(64)}.png`
  return {
    ...{
      file,
      address: `/assets/${file}`,
      names: [],
      mediaType: 'image/png',
      bytes: 1,
      source: '',
      author: 'ada',
      at: 0,
    },
    ...{ usedBy: [], ...more },
  }
}

test('sizes are told as people say them', () => {
  const table = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [12 * 1024, '12 KiB'],
    [16 * 1024 ** 2, '16 MiB'],
    [3.44 * 1024 ** 2, '3.4 MiB'],
  ] as const
  for (const [bytes, text] of table) assert.equal(bytesText(bytes), text)
})

test('[WE70] a file that nothing speaks of is told with when it goes; one of the history stays', () => {
  assert.deepEqual(fateOf({ usedBy: ['branding'], goesAt: 5 }, 0), { kind: 'used', by: ['branding'] })
  assert.deepEqual(fateOf({ usedBy: [] }, 0), { kind: 'history' })
  assert.deepEqual(fateOf({ usedBy: [], goesAt: 5 * 3_600_000 }, 0), { kind: 'going', text: 'goes in 5 h' })
  assert.deepEqual(fateOf({ usedBy: [], goesAt: 5 }, 6), { kind: 'going', text: 'goes within the hour' })
})

test('[WE70] files are found by shelf, name, digest and document, the newest first', () => {
  const rows = [
    row('a', { names: ['logo.png'], usedBy: ['branding'] }),
    row('b', { names: ['queues/sales.png'], at: 5 }),
    row('c', { names: ['card.json'], mediaType: 'application/json', usedBy: ['text/hello'] }),
  ]
  const digits = (shelf: Parameters<typeof shown>[1], words = '') =>
    shown(rows, shelf, words)
      .map(({ file }) => file[0])
      .join('')
  assert.equal(digits('all'), 'bac')
  assert.deepEqual([digits('images'), digits('files'), digits('unused')], ['ba', 'c', 'b'])
  assert.deepEqual(
    [digits('all', ' SALES'), digits('all', 'cccc'), digits('all', 'brand'), digits('all', 'zzz')],
    [...['b', 'c', 'a', '']],
  )
  assert.deepEqual(counts(rows), { all: 3, images: 2, files: 1, unused: 1 })
  assert.equal(titleOf(row('d')), 'dddddddddddd….png')
})

test('[WE71] a name becomes one that can stand in an address', () => {
  const table = [
    ['logo.png', '', 'logo.png'],
    ['My Logo (1).PNG', '', 'My-Logo-1.png'],
    ['Zoë.jpeg', '/queues/ front desk/', 'queues/front-desk/Zoe.jpeg'],
    ['Лого.png', '', 'file.png'],
    ['Лого.png', 'queues', 'queues/file.png'],
    ['README', '', 'README'],
    ['.hidden.md', '../..', 'hidden.md'],
  ] as const
  for (const [name, folder, asset] of table) assert.equal(assetNameOf(name, folder), asset)
})

test('[WE71] what would be refused is refused before it is sent, with what is taken instead', () => {
  const fault = (name: string, size = 10) => faultBefore({ name, size }, TAKEN)
  assert.equal(fault('a.png'), undefined)
  assert.equal(fault('A.YML'), undefined)
  assert.equal(fault('a.exe'), 'Files that end in .exe are not taken; PNG, PDF and YAML are.')
  assert.equal(fault('a'), 'Files without an ending are not taken; PNG, PDF and YAML are.')
  assert.match(String(fault('a.svg')), /PNG or WebP/)
  assert.equal(fault('a.pdf', 17 * 1024 ** 2), 'It has 17 MiB; 16 MiB is the most that is taken.')
  assert.match(String(fault('a.pdf', 0)), /empty/)
  assert.equal(kindsText(['png']), 'PNG')
})
