from .meaning.scene import Scene as Scene, Unknown as Unknown
