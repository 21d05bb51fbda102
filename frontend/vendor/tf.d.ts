/** The part of TensorFlow.js that tf.js exports, as the page uses it. */
export type Backend = "wasm" | "webgl" | "webgpu";

export interface Tensor {
  shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface GraphModel {
  execute(inputs: Tensor | { [name: string]: Tensor }, outputs?: string | string[]): Tensor | Tensor[];
  readonly weights: { [name: string]: Tensor[] };
  dispose(): void;
}

export function startBackend(name: Backend): Promise<boolean>;
export function tensor(values: Float32Array, shape: number[], dtype: "float32"): Tensor;
export function loadGraphModel(handler: object): Promise<GraphModel>;
export const io: { fromMemory(artifacts: object): object };
