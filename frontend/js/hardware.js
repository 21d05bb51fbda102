/** What a worker can compute with: WebAssembly, and a graphics card; one that is drawn in software counts as none. */

/** An empty module; a page's policy may forbid to compile any. */
export function hasWebAssembly() {
  try {
    return Boolean(new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  } catch {
    return false;
  }
}

/** WebGL drawn in software is slower than WASM, and slow to find that out. */
export function hasGraphicsCard() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl && String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(renderer) && !/swiftshader|llvmpipe|software|basic render/i.test(renderer ?? "");
}

/** WebGPU in software has been seen to close the browser. */
export async function hasAdapter() {
  const gpu = /** @type {any} */ (navigator).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}
