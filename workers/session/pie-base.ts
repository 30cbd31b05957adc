// Where the loader puts a static-pie: file address 0. Linux's ELF_ET_DYN_BASE without randomisation would be 2/3 of TASK_SIZE.
export const STATIC_PIE_BASE = 0xaaaa_aaaa_0000n;
