import type { Machine } from "./machine.js";

/** Carries out one opcode; its arguments are read from the machine's cursor. */
export type Handler = (machine: Machine) => void;
