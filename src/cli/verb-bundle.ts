import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { PROGRAM_VERSION } from '../config/program-version-node.ts'
import { tarArchive } from '../ops/tar-archive.ts'
import { CLUSTER_OPTIONS } from './admin-client-node.ts'
import { bundleParts } from './bundle-parts-node.ts'
import { timeText } from './time-text-node.ts'
import { EXIT, JSON_OPTION, type Verb } from './verb.ts'

export const verb: Verb = {
  name: 'bundle',
  summary: 'Collects logs, settings, states, versions and decisions of all nodes in one file, without secrets.',
  usage: ['bundle [--out <file>] [--data .holdfast]'],
  examples: [
    { command: 'holdfast bundle', does: 'Writes holdfast-bundle-<time>.tar.gz, for whoever helps you.' },
    { command: 'holdfast bundle --url https://chat.example.com --out bundle.tar.gz', does: 'Of any cluster.' },
  ],
  options: {
    out: { type: 'string', placeholder: 'file', help: 'Where to. Default: holdfast-bundle-<time>.tar.gz here.' },
    ...CLUSTER_OPTIONS,
    json: JSON_OPTION,
  },
  notes: [
    'A cluster that is down is no hindrance: what lies on this machine is collected, and manifest.json says what could not be had and why.',
    'Passwords, tokens and keys are removed, and so is what people wrote to each other. Names of nodes, addresses and configuration documents stay: look before you send it.',
  ],
  async run(args, io) {
    const at = io.clock.wallMs()
    const { files, missing } = await bundleParts(args, io)
    const manifest = { made: timeText(at), version: PROGRAM_VERSION, parts: files.map(({ name }) => name), missing }
    const text = `${JSON.stringify(manifest, null, 2)}\n`
    const archive = gzipSync(tarArchive([{ name: 'manifest.json', bytes: Buffer.from(text) }, ...files], at))
    const file = args.text('out') ?? `holdfast-bundle-${timeText(at).replace(/[-:Z]/g, '').replace(' ', '-')}.tar.gz`
    writeFileSync(file, archive, { mode: 0o600 })
    if (args.flag('json')) io.out(JSON.stringify({ file, bytes: archive.length, parts: manifest.parts, missing }))
    else {
      io.out(`${file} holds ${files.length} parts in ${Math.ceil(archive.length / 1024)} KiB.`)
      for (const { part, why } of missing) io.out(`Without ${part}: ${why}`)
    }
    return EXIT.done
  },
}
