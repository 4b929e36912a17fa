// What a listener has answered so far, kept in this browser so that a page that is closed by mistake goes on where it was.
class AnswerStore {
  constructor(testId) {
    this.prefix = `listening-test.${testId}.`;
    this.isAvailable = this.write("check", true) && this.read("check") === true;
  }

  // The listener who was here last, or null.
  get lastListener() {
    return this.read("last");
  }

  load(listener) {
    return this.read(String(listener));
  }

  save(state) {
    return this.write(String(state.listener), state) && this.write("last", state.listener);
  }

  forget(listener) {
    try {
      localStorage.removeItem(this.prefix + listener);
      localStorage.removeItem(`${this.prefix}last`);
    } catch {
      // Nothing is kept where nothing can be.
    }
  }

  read(name) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  write(name, value) {
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }
}
