from .instance import Instance as Instance, instances as instances
from .meaning.scene import Scene as Scene, Unknown as Unknown
from .truths import Survey as Survey, Truth as Truth, survey as survey, truth as truth
