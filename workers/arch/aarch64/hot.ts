// Instructions whose handlers are arms of the interpreter's loop: pairs of an instruction word and the address it is decoded at.
// Which ones is speed only. Made by scripts/hot-handlers.mjs from the text of static programs.
export const AARCH64_HOT: readonly number[] = [];
