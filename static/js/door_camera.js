// Reads QR codes from the camera or from a photo: with the browser's own reader where it has one, else with jsQR.

const LOOK_EVERY_MS = 160;
const WIDEST = 800;

const canvas = document.createElement("canvas");
const own = "BarcodeDetector" in window ? new BarcodeDetector({ formats: ["qr_code"] }) : null;

async function read(source, width, height) {
  if (!width || !height) return "";
  if (own) {
    try {
      const [found] = await own.detect(source);
      return found?.rawValue ?? "";
    } catch {
      // some browsers have the reader's name and no reader behind it
    }
  }
  const scale = Math.min(1, WIDEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return window.jsQR?.(data, canvas.width, canvas.height)?.data ?? "";
}

export async function readPhoto(file) {
  const picture = await createImageBitmap(file);
  return read(picture, picture.width, picture.height);
}

export class Camera {
  constructor(video, found) {
    this.video = video;
    this.found = found;
    this.stream = null;
  }

  static get possible() {
    return window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
  }

  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    await this.video.play();
    this.#look();
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.video.hidden = true;
  }

  async #look() {
    if (!this.stream) return;
    const code = await read(this.video, this.video.videoWidth, this.video.videoHeight);
    if (code) this.found(code);
    setTimeout(() => this.#look(), LOOK_EVERY_MS);
  }
}
