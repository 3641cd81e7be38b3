import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** What a family of processes has used since each of them began. */
export interface Usage {
  readonly cpuMs: number
  readonly residentBytes: number
}

export interface FamilyUsage {
  readonly servers: Usage
  readonly database: Usage
}

// USER_HZ and the page size as every Linux on x64 and arm64 has them for programs.
const TICK_MS = 10
const PAGE_BYTES = 4096

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
  readonly cpuMs: number
  readonly residentBytes: number
}

/**
 * CPU time and resident memory of processes, their children and theirs, from `/proc`: Linux only, `undefined` elsewhere.
 * Processes called `postgres` are the database. CPU time of children that ended is in what their parent waited for.
 */
export function familyUsage(...pids: readonly number[]): FamilyUsage | undefined {
  if (process.platform !== 'linux') return undefined
  const all = allProcesses()
  const family = all.filter(({ pid }) => pids.includes(pid))
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid))
  const isDatabase = ({ name }: Process) => name === 'postgres'
  return {
    servers: sum(family.filter((member) => !isDatabase(member))),
    database: sum(family.filter(isDatabase)),
  }
}

/** CPU time of this process. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function allProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? [])
}

/** Fields of `/proc/<pid>/stat`, counted behind the name, which may hold anything: `man 5 proc`. */
function processOf(pid: number): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = text.lastIndexOf(')')
    const fields = text.slice(end + 2).split(' ')
    const field = (number: number) => Number(fields[number - 3])
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, end),
      parent: field(4),
      cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS,
      residentBytes: field(24) * PAGE_BYTES,
    }
  } catch {
    // It ended while we looked.
    return undefined
  }
}

function sum(members: readonly Process[]): Usage {
  return {
    cpuMs: members.reduce((total, { cpuMs }) => total + cpuMs, 0),
    residentBytes: members.reduce((total, { residentBytes }) => total + residentBytes, 0),
  }
}
