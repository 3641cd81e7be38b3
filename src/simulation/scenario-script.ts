import { assert } from '../base/assertion.ts'
import { ScenarioStage } from './scenario-stage.ts'

type Act = (stage: ScenarioStage, words: readonly string[]) => string | Promise<string>

/** What a line of a transcript may say; `*` stands for a name, `#` for a number, `...` for the rest of the line. */
const ACTS: readonly (readonly [form: string, act: Act])[] = [
  ['cluster edges # chats #', (stage, [edges, chats]) => stage.cluster(Number(edges), Number(chats), 0)],
  [
    'cluster edges # chats # backups #',
    (stage, [edges, chats, backups]) => stage.cluster(Number(edges), Number(chats), Number(backups)),
  ],
  ['visitor *', (stage, [name]) => stage.comes(name ?? '', false)],
  ['agent *', (stage, [name]) => stage.comes(name ?? '', true)],
  ['kill *', (stage, [name]) => stage.kill(name ?? '')],
  ['power off *', (stage, [name]) => stage.powerOff(name ?? '')],
  ['restart *', (stage, [name]) => stage.restart(name ?? '')],
  ['pause * for # ms', (stage, [name, ms]) => stage.pause(name ?? '', Number(ms))],
  ['stop the database for # ms', (stage, [ms]) => stage.stopDatabase(Number(ms))],
  ['cut * from *', (stage, [one, other]) => stage.cut(one ?? '', other ?? '')],
  ['* does not hear *', (stage, [deaf, other]) => stage.deafen(deaf ?? '', other ?? '')],
  ['lose the replies of the database for # ms', (stage, [ms]) => stage.loseReplies(Number(ms))],
  ['move to *', (stage, [name]) => stage.move(name ?? '')],
  ['mend', (stage) => stage.mend()],
  ['drain *', (stage, [name]) => stage.drain(name ?? '')],
  ['wait # ms', (stage, [ms]) => stage.wait(Number(ms))],
  ['owner', (stage) => stage.owner()],
  ['decisions ...', (stage, [kinds]) => stage.decisions((kinds ?? '').split(', '))],
  ['verdict', (stage) => stage.verdict()],
  ['* writes ...', (stage, [name, text]) => stage.writes(name ?? '', text ?? '')],
  ['* says ...', (stage, [name, text]) => stage.says(name ?? '', text ?? '')],
  ['* sees', (stage, [name]) => stage.sees(name ?? '')],
]

const PARTS: Readonly<Record<string, string>> = { '*': '(\\S+)', '#': '(\\d+)', '...': '(.+)' }

/**
 * Plays a transcript on a fresh stage and answers it as it really happens: blocks of a command, `----` and its output,
 * parted by empty lines; a paragraph without `----` is a remark. A transcript that tells the truth comes back unchanged.
 */
export async function playScript(text: string): Promise<string> {
  const stage = new ScenarioStage()
  const blocks: string[] = []
  for (const block of text.trim().split(/\n\n+/)) {
    const [command = '', ruler] = block.split('\n')
    blocks.push(ruler?.startsWith('----') ? `${command}\n----\n${await play(stage, command)}` : block)
  }
  return `${blocks.join('\n\n')}\n`
}

async function play(stage: ScenarioStage, command: string): Promise<string> {
  for (const [form, act] of ACTS) {
    const pattern = form.split(' ').map((part) => PARTS[part] ?? part)
    const match = new RegExp(`^${pattern.join(' ')}$`).exec(command)
    if (match) return act(stage, match.slice(1))
  }
  assert(false, `no transcript can say "${command}"`)
}
