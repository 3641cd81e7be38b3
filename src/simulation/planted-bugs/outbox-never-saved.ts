import type { PlantedBug } from './planted-bug.ts'

/**
 * A page reads what an earlier load of it left, and leaves nothing itself: whoever asks the storage alone finds no
 * fault. No rule of the log is broken by what never reaches it: its sender gets no answer.
 */
export const outboxNeverSaved: PlantedBug = {
  name: 'outbox-never-saved',
  sentence: 'The outbox is never written to the storage of the page.',
  breaks: ['convergence'],
  wrapPage: (ports) => ({ ...ports, storage: { load: () => ports.storage.load(), save() {} } }),
}
