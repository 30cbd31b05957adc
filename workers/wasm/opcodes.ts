// WebAssembly's instruction table: name -> encoding and signature. Numeric and vector instructions only; control, locals and memory
// arguments are written by function.ts.

export type Ty = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** What follows the opcode bytes: nothing, a memory argument, a lane number, both, 16 lane numbers or 16 constant bytes. */
export type Immediate = 'none' | 'memory' | 'lane' | 'memory lane' | 'bytes';

export interface Opcode {
  readonly name: string;
  readonly bytes: readonly number[];
  readonly params: readonly Ty[];
  /** Undefined for stores. */
  readonly result: Ty | undefined;
  readonly immediate: Immediate;
}

/** Signature letters: i = i32, l = i64, f = f32, d = f64, v = v128, - = none. The last is the result. */
const LETTER: Record<string, Ty | undefined> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128', '-': undefined };

function leb(value: number): number[] {
  const out: number[] = [];
  for (let v = value; ; v >>>= 7) {
    if (v < 128) return [...out, v];
    out.push((v & 127) | 128);
  }
}

const table = new Map<string, Opcode>();

/** Names in opcode order from `first`; `_` leaves a gap. */
function add(prefix: number, first: number, signature: string, type: string, names: string, immediate: Immediate = 'none'): void {
  let code = first;
  const types = [...signature].map((c) => LETTER[c]);
  const params = types.slice(0, -1).filter((t) => t !== undefined);
  for (const short of names.trim().split(/\s+/)) {
    if (short !== '_') {
      const name = short.includes('.') ? short : `${type}.${short}`;
      table.set(name, { name, bytes: prefix === 0 ? [code] : [prefix, ...leb(code)], params, result: types.at(-1), immediate });
    }
    code++;
  }
}

const INT_COMPARE = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const FLOAT_COMPARE = 'eq ne lt gt le ge';
const INT_MATH = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const FLOAT_UNARY = 'abs neg ceil floor trunc nearest sqrt';
const FLOAT_MATH = 'add sub mul div min max copysign';

add(0, 0x28, 'ii', 'i32', 'load', 'memory');
add(0, 0x29, 'il', 'i64', 'load', 'memory');
add(0, 0x2a, 'if', 'f32', 'load', 'memory');
add(0, 0x2b, 'id', 'f64', 'load', 'memory');
add(0, 0x2c, 'ii', 'i32', 'load8_s load8_u load16_s load16_u', 'memory');
add(0, 0x30, 'il', 'i64', 'load8_s load8_u load16_s load16_u load32_s load32_u', 'memory');
add(0, 0x36, 'ii-', 'i32', 'store', 'memory');
add(0, 0x37, 'il-', 'i64', 'store', 'memory');
add(0, 0x38, 'if-', 'f32', 'store', 'memory');
add(0, 0x39, 'id-', 'f64', 'store', 'memory');
add(0, 0x3a, 'ii-', 'i32', 'store8 store16', 'memory');
add(0, 0x3c, 'il-', 'i64', 'store8 store16 store32', 'memory');
add(0, 0x45, 'ii', 'i32', 'eqz');
add(0, 0x46, 'iii', 'i32', INT_COMPARE);
add(0, 0x50, 'li', 'i64', 'eqz');
add(0, 0x51, 'lli', 'i64', INT_COMPARE);
add(0, 0x5b, 'ffi', 'f32', FLOAT_COMPARE);
add(0, 0x61, 'ddi', 'f64', FLOAT_COMPARE);
add(0, 0x67, 'ii', 'i32', 'clz ctz popcnt');
add(0, 0x6a, 'iii', 'i32', INT_MATH);
add(0, 0x79, 'll', 'i64', 'clz ctz popcnt');
add(0, 0x7c, 'lll', 'i64', INT_MATH);
add(0, 0x8b, 'ff', 'f32', FLOAT_UNARY);
add(0, 0x92, 'fff', 'f32', FLOAT_MATH);
add(0, 0x99, 'dd', 'f64', FLOAT_UNARY);
add(0, 0xa0, 'ddd', 'f64', FLOAT_MATH);
add(0, 0xa7, 'li', 'i32', 'wrap_i64');
add(0, 0xa8, 'fi', 'i32', 'trunc_f32_s trunc_f32_u');
add(0, 0xaa, 'di', 'i32', 'trunc_f64_s trunc_f64_u');
add(0, 0xac, 'il', 'i64', 'extend_i32_s extend_i32_u');
add(0, 0xae, 'fl', 'i64', 'trunc_f32_s trunc_f32_u');
add(0, 0xb0, 'dl', 'i64', 'trunc_f64_s trunc_f64_u');
add(0, 0xb2, 'if', 'f32', 'convert_i32_s convert_i32_u');
add(0, 0xb4, 'lf', 'f32', 'convert_i64_s convert_i64_u');
add(0, 0xb6, 'df', 'f32', 'demote_f64');
add(0, 0xb7, 'id', 'f64', 'convert_i32_s convert_i32_u');
add(0, 0xb9, 'ld', 'f64', 'convert_i64_s convert_i64_u');
add(0, 0xbb, 'fd', 'f64', 'promote_f32');
add(0, 0xbc, 'fi', 'i32', 'reinterpret_f32');
add(0, 0xbd, 'dl', 'i64', 'reinterpret_f64');
add(0, 0xbe, 'if', 'f32', 'reinterpret_i32');
add(0, 0xbf, 'ld', 'f64', 'reinterpret_i64');
add(0, 0xc0, 'ii', 'i32', 'extend8_s extend16_s');
add(0, 0xc2, 'll', 'i64', 'extend8_s extend16_s extend32_s');
add(0xfc, 0, 'fi', 'i32', 'trunc_sat_f32_s trunc_sat_f32_u');
add(0xfc, 2, 'di', 'i32', 'trunc_sat_f64_s trunc_sat_f64_u');
add(0xfc, 4, 'fl', 'i64', 'trunc_sat_f32_s trunc_sat_f32_u');
add(0xfc, 6, 'dl', 'i64', 'trunc_sat_f64_s trunc_sat_f64_u');

add(0xfd, 0, 'iv', 'v128', 'load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u', 'memory');
add(0xfd, 7, 'iv', 'v128', 'load8_splat load16_splat load32_splat load64_splat', 'memory');
add(0xfd, 11, 'iv-', 'v128', 'store', 'memory');
add(0xfd, 12, 'v', 'v128', 'const', 'bytes');
add(0xfd, 13, 'vvv', 'i8x16', 'shuffle', 'bytes');
add(0xfd, 14, 'vvv', 'i8x16', 'swizzle');
add(0xfd, 15, 'iv', '', 'i8x16.splat i16x8.splat i32x4.splat');
add(0xfd, 18, 'lv', 'i64x2', 'splat');
add(0xfd, 19, 'fv', 'f32x4', 'splat');
add(0xfd, 20, 'dv', 'f64x2', 'splat');
add(0xfd, 21, 'vi', 'i8x16', 'extract_lane_s extract_lane_u', 'lane');
add(0xfd, 23, 'viv', 'i8x16', 'replace_lane', 'lane');
add(0xfd, 24, 'vi', 'i16x8', 'extract_lane_s extract_lane_u', 'lane');
add(0xfd, 26, 'viv', 'i16x8', 'replace_lane', 'lane');
add(0xfd, 27, 'vi', 'i32x4', 'extract_lane', 'lane');
add(0xfd, 28, 'viv', 'i32x4', 'replace_lane', 'lane');
add(0xfd, 29, 'vl', 'i64x2', 'extract_lane', 'lane');
add(0xfd, 30, 'vlv', 'i64x2', 'replace_lane', 'lane');
add(0xfd, 31, 'vf', 'f32x4', 'extract_lane', 'lane');
add(0xfd, 32, 'vfv', 'f32x4', 'replace_lane', 'lane');
add(0xfd, 33, 'vd', 'f64x2', 'extract_lane', 'lane');
add(0xfd, 34, 'vdv', 'f64x2', 'replace_lane', 'lane');
add(0xfd, 35, 'vvv', 'i8x16', INT_COMPARE);
add(0xfd, 45, 'vvv', 'i16x8', INT_COMPARE);
add(0xfd, 55, 'vvv', 'i32x4', INT_COMPARE);
add(0xfd, 65, 'vvv', 'f32x4', FLOAT_COMPARE);
add(0xfd, 71, 'vvv', 'f64x2', FLOAT_COMPARE);
add(0xfd, 77, 'vv', 'v128', 'not');
add(0xfd, 78, 'vvv', 'v128', 'and andnot or xor');
add(0xfd, 82, 'vvvv', 'v128', 'bitselect');
add(0xfd, 83, 'vi', 'v128', 'any_true');
add(0xfd, 84, 'ivv', 'v128', 'load8_lane load16_lane load32_lane load64_lane', 'memory lane');
add(0xfd, 88, 'iv-', 'v128', 'store8_lane store16_lane store32_lane store64_lane', 'memory lane');
add(0xfd, 92, 'iv', 'v128', 'load32_zero load64_zero', 'memory');
add(0xfd, 94, 'vv', '', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4');
add(0xfd, 96, 'vv', 'i8x16', 'abs neg popcnt');
add(0xfd, 99, 'vi', 'i8x16', 'all_true bitmask');
add(0xfd, 101, 'vvv', 'i8x16', 'narrow_i16x8_s narrow_i16x8_u');
add(0xfd, 103, 'vv', 'f32x4', 'ceil floor trunc nearest');
add(0xfd, 107, 'viv', 'i8x16', 'shl shr_s shr_u');
add(0xfd, 110, 'vvv', 'i8x16', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
add(0xfd, 116, 'vv', 'f64x2', 'ceil floor');
add(0xfd, 118, 'vvv', 'i8x16', 'min_s min_u max_s max_u');
add(0xfd, 122, 'vv', 'f64x2', 'trunc');
add(0xfd, 123, 'vvv', 'i8x16', 'avgr_u');
add(
  0xfd,
  124,
  'vv',
  '',
  'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u',
);
add(0xfd, 128, 'vv', 'i16x8', 'abs neg');
add(0xfd, 130, 'vvv', 'i16x8', 'q15mulr_sat_s');
add(0xfd, 131, 'vi', 'i16x8', 'all_true bitmask');
add(0xfd, 133, 'vvv', 'i16x8', 'narrow_i32x4_s narrow_i32x4_u');
add(0xfd, 135, 'vv', 'i16x8', 'extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u');
add(0xfd, 139, 'viv', 'i16x8', 'shl shr_s shr_u');
add(0xfd, 142, 'vvv', 'i16x8', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
add(0xfd, 148, 'vv', 'f64x2', 'nearest');
add(0xfd, 149, 'vvv', 'i16x8', 'mul min_s min_u max_s max_u _ avgr_u');
add(0xfd, 156, 'vvv', 'i16x8', 'extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u');
add(0xfd, 160, 'vv', 'i32x4', 'abs neg');
add(0xfd, 163, 'vi', 'i32x4', 'all_true bitmask');
add(0xfd, 167, 'vv', 'i32x4', 'extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u');
add(0xfd, 171, 'viv', 'i32x4', 'shl shr_s shr_u');
add(0xfd, 174, 'vvv', 'i32x4', 'add _ _ sub _ _ _ mul min_s min_u max_s max_u dot_i16x8_s');
add(0xfd, 188, 'vvv', 'i32x4', 'extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u');
add(0xfd, 192, 'vv', 'i64x2', 'abs neg');
add(0xfd, 195, 'vi', 'i64x2', 'all_true bitmask');
add(0xfd, 199, 'vv', 'i64x2', 'extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u');
add(0xfd, 203, 'viv', 'i64x2', 'shl shr_s shr_u');
add(0xfd, 206, 'vvv', 'i64x2', 'add _ _ sub _ _ _ mul eq ne lt_s gt_s le_s ge_s');
add(0xfd, 220, 'vvv', 'i64x2', 'extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u');
add(0xfd, 224, 'vv', 'f32x4', 'abs neg _ sqrt');
add(0xfd, 228, 'vvv', 'f32x4', 'add sub mul div min max pmin pmax');
add(0xfd, 236, 'vv', 'f64x2', 'abs neg _ sqrt');
add(0xfd, 240, 'vvv', 'f64x2', 'add sub mul div min max pmin pmax');
add(0xfd, 248, 'vv', '', 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u');
add(0xfd, 252, 'vv', '', 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u');

export const OPCODES: ReadonlyMap<string, Opcode> = table;

/** The instruction of this name, e.g. `opcode('i32x4.add')`. */
export function opcode(name: string): Opcode {
  const found = table.get(name);
  if (found === undefined) throw new Error(`Trapline defect: no WebAssembly instruction is called '${name}'`);
  return found;
}
