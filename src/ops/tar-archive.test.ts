import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { tarArchive } from './tar-archive.ts'

test('[OP35] an archive is read by tar: names, bytes, times and who may read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tar-'))
  try {
    const files = [
      { name: 'empty.txt', bytes: Buffer.alloc(0) },
      { name: 'logs/n1.log', bytes: Buffer.from('line ✓\n') },
      { name: 'block.bin', bytes: Buffer.alloc(512, 7) },
      { name: `${'x'.repeat(96)}.txt`, bytes: Buffer.alloc(513, 8) },
    ]
    const archive = join(folder, 'a.tar')
    writeFileSync(archive, tarArchive(files, 1_700_000_000_500))
    execFileSync('tar', ['-xf', archive, '-C', folder])
    for (const { name, bytes } of files) {
      assert.deepEqual(readFileSync(join(folder, name)), bytes)
      const { mode, mtimeMs } = statSync(join(folder, name))
      assert.deepEqual([mode & 0o777, mtimeMs], [0o600, 1_700_000_000_000])
    }
    assert.throws(() => tarArchive([{ name: 'x'.repeat(101), bytes: Buffer.alloc(0) }], 0), /too long/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
