const secondsPerDay = 86_400;
const microsPerSecond = 1_000_000;
const maxDays = 999_999_999;

/**
 * A Python timedelta, in Python's own normal form: only `days` may be negative. JSON has no form for it in Celery; here it
 * becomes the number of its seconds.
 */
export class TimeDelta {
  /** -999,999,999 to 999,999,999. */
  readonly days: number;
  /** 0 to 86,399. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;

  /** Whole numbers of any sign and size. @throws RangeError for a fraction, or beyond 999,999,999 days. */
  constructor(days: number, seconds = 0, microseconds = 0) {
    if (![days, seconds, microseconds].every(Number.isSafeInteger)) {
      throw new RangeError("A timedelta takes whole days, seconds and microseconds.");
    }
    const allSeconds = seconds + Math.floor(microseconds / microsPerSecond);
    this.days = days + Math.floor(allSeconds / secondsPerDay);
    this.seconds = allSeconds - Math.floor(allSeconds / secondsPerDay) * secondsPerDay;
    this.microseconds = microseconds - Math.floor(microseconds / microsPerSecond) * microsPerSecond;
    if (Math.abs(this.days) > maxDays) throw new RangeError(`A timedelta holds ${maxDays} days at most.`);
  }

  /** Length in milliseconds; microseconds are its fraction. */
  get totalMs(): number {
    return (this.days * secondsPerDay + this.seconds) * 1000 + this.microseconds / 1000;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof TimeDelta &&
      other.days === this.days &&
      other.seconds === this.seconds &&
      other.microseconds === this.microseconds
    );
  }

  /** As Python's `str`: `-1 day, 23:59:59.500000`. */
  toString(): string {
    const hours = Math.floor(this.seconds / 3600);
    const minutes = Math.floor(this.seconds / 60) % 60;
    const clock = `${hours}:${twoDigits(minutes)}:${twoDigits(this.seconds % 60)}`;
    const fraction = this.microseconds === 0 ? "" : `.${String(this.microseconds).padStart(6, "0")}`;
    const days = this.days === 0 ? "" : `${this.days} day${Math.abs(this.days) === 1 ? "" : "s"}, `;
    return `${days}${clock}${fraction}`;
  }

  /** Seconds with fraction. */
  toJSON(): number {
    return this.totalMs / 1000;
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
