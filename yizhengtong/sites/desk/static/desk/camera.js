// The webcam puts its picture into the file field of the form; without it, a file is chosen there.
"use strict";
const camera = document.querySelector("[data-camera]");
if (camera && navigator.mediaDevices && window.DataTransfer) {
  const find = (name) => camera.querySelector(`[data-${name}]`);
  const video = find("video"), still = find("still"), status = find("status"), start = find("start"), take = find("take");
  const field = document.getElementById(camera.dataset.for);
  let stream = null;
  camera.hidden = false;
  start.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 960 } }, audio: false });
      video.srcObject = stream;
      await video.play();
      take.hidden = false;
      still.hidden = true;
      video.parentElement.hidden = false;
      status.textContent = "";
    } catch {
      status.textContent = camera.dataset.failed;
    }
  });
  take.addEventListener("click", () => {
    // The guide frame is 9/10 of the height, 4 wide to 5 high: what lies in it is the picture.
    const height = Math.min(video.videoHeight * 0.9, (video.videoWidth * 5) / 4), width = (height * 4) / 5;
    const left = (video.videoWidth - width) / 2, top = (video.videoHeight - height) / 2;
    still.getContext("2d").drawImage(video, left, top, width, height, 0, 0, still.width, still.height);
    still.toBlob((picture) => {
      const files = new DataTransfer();
      files.items.add(new File([picture], "photo.jpg", { type: "image/jpeg" }));
      field.files = files.files;
      still.hidden = false;
      video.parentElement.hidden = true;
      take.hidden = true;
      stream.getTracks().forEach((track) => track.stop());
      status.textContent = camera.dataset.taken;
    }, "image/jpeg", 0.92);
  });
}
