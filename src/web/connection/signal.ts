/** Something that happens again and again, to whoever listens. */
export class Signal<Value> {
  readonly #listeners = new Set<(value: Value) => void>()

  /** Answers the way to stop listening. */
  listen(listener: (value: Value) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** A listener that throws is told of where faults of a page are told, and hinders nobody else. */
  emit(value: Value): void {
    for (const listener of [...this.#listeners])
      try {
        listener(value)
      } catch (error) {
        void Promise.reject(error)
      }
  }
}
